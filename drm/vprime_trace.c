// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints of vprime_trace.h are made here, once. */
#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "vprime_trace.h"
#endif
