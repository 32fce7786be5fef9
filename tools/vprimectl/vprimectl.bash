# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of vprimectl for bash: source it, or install it as
# /usr/share/bash-completion/completions/vprimectl.

_vprimectl_tree=/sys/kernel/config/vprime

# The GPUs there are, one to a line.
_vprimectl_gpus() {
	local gpu
	for gpu in "$_vprimectl_tree"/*/; do
		[[ -d $gpu ]] && basename "$gpu"
	done
}

# The files that can be written of a GPU, or of any, as KEY=.
_vprimectl_keys() {
	local file
	for file in "$_vprimectl_tree/${1:-*}"/* "$_vprimectl_tree/${1:-*}"/faults/*; do
		[[ -f $file && -w $file ]] && printf '%s=\n' "${file##*/}"
	done | sort -u
}

# The heads of a GPU, one to a line: connectors that somebody made, else numbers.
_vprimectl_heads() {
	local connector heads=0 head found=
	for connector in "$_vprimectl_tree/$1"/connectors/*/; do
		[[ -d $connector ]] && basename "$connector" && found=1
	done
	[[ -z $found && -r $_vprimectl_tree/$1/heads ]] && read -r heads <"$_vprimectl_tree/$1/heads"
	for ((head = 0; head < heads; head++)); do
		printf '%s\n' "$head"
	done
}

# _vprimectl_words WORDS: what of them the current word can become.
_vprimectl_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_vprimectl_argument() {
	local command=$1 argument=$2 gpu=${COMP_WORDS[2]:-}
	case $command:$argument in
	create:1 | chaos:2) ;;
	create:*)
		compopt -o nospace
		_vprimectl_words "$(_vprimectl_keys)"
		;;
	*:1) _vprimectl_words "$(_vprimectl_gpus)" ;;
	set:*)
		compopt -o nospace
		_vprimectl_words "$(_vprimectl_keys "$gpu")"
		;;
	move:2) _vprimectl_words 'system vram' ;;
	connect:2 | disconnect:2 | replug:2 | edid:2 | link-status:2) _vprimectl_words "$(_vprimectl_heads "$gpu")" ;;
	edid:3 | shot:2)
		compopt -o filenames
		[[ $command != edid ]] || _vprimectl_words 'default none'
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		;;
	link-status:3) _vprimectl_words 'good bad' ;;
	esac
}

_vprimectl_options() {
	case $1 in
	create) _vprimectl_words '--disabled --help' ;;
	list | info) _vprimectl_words '--json --help' ;;
	top) _vprimectl_words '--count --interval --json --help' ;;
	*) _vprimectl_words '--help' ;;
	esac
}

_vprimectl() {
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_vprimectl_words 'create destroy set list info move chaos unplug plug connect disconnect replug edid
			link-status shot top --help'
	elif [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
		_vprimectl_options "${COMP_WORDS[1]}"
	elif [[ ${COMP_WORDS[1]} != list ]]; then
		_vprimectl_argument "${COMP_WORDS[1]}" $((COMP_CWORD - 1))
	fi
}

complete -F _vprimectl vprimectl
