/* SPDX-License-Identifier: BSD-2-Clause */
/* MSRs that the host keeps for itself, at the guest's wish. */
#ifndef HOST_VMM_X86_MSR_FILTER_H
#define HOST_VMM_X86_MSR_FILTER_H

#include "abi/request.h"

enum abi_request_status msr_deny_serve(struct abi_request *r);
enum abi_request_status msr_answer_serve(struct abi_request *r);
enum abi_request_status msr_seen_serve(struct abi_request *r);
enum abi_request_status msr_allow_serve(struct abi_request *r);

#endif
