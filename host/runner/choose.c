/* SPDX-License-Identifier: BSD-2-Clause */
/* Which VMM and accelerator runs a case. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/die.h"
#include "base/str.h"
#include "runner/backend.h"
#include "runner/bochs.h"
#include "runner/cfg.h"
#include "runner/conduct.h"
#include "runner/job.h"
#include "runner/session.h"
#include "vmm/vm.h"

#define NO_KVM "KVM is needed, but not available on this host"

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

bool backend_named(const char *name, enum vmm_choice *choice)
{
	static const char *const names[] = {
		[VMM_AUTO] = "auto", [VMM_EMBEDDED] = "kvm", [VMM_QEMU] = "qemu",
		[VMM_QEMU_KVM] = "qemu-kvm", [VMM_QEMU_TCG] = "qemu-tcg",
		[VMM_BOCHS] = "bochs",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(names[i], name)) {
			*choice = i;
			return true;
		}
	}
	return false;
}

static bool accel_is(const char *accel, const char *name)
{
	return accel && str_same(accel, strcspn(accel, ",:"), name);
}

static bool wants_qemu(const struct vmms *vmms)
{
	return vmms->wanted == VMM_QEMU || vmms->wanted == VMM_QEMU_KVM ||
	       vmms->wanted == VMM_QEMU_TCG ||
	       (vmms->wanted == VMM_AUTO && (vmms->qemu_given || accel_is(vmms->accel, "tcg") ||
					     accel_is(vmms->accel, "hvf")));
}

void vmms_find(struct session *session)
{
	struct vmms *vmms = &session->vmms;
	char why[600];
	size_t count;

	vmms->qemu_given = environment("QEMU");
	vmms->accel = environment("ACCEL");
	vmms->kvm = vm_usable(vmms->kvm_why, sizeof(vmms->kvm_why));
	vmms->kind = vm_host_kind();
	if (vmms->wanted == VMM_BOCHS) {
		if (!bochs_list(&count, why, sizeof(why)) || !count)
			die("--backend=bochs: %s", why);
		return;
	}
	if ((wants_qemu(vmms) || !vmms->kvm) && vmms->wanted != VMM_EMBEDDED &&
	    !qemu_path(session)) {
		if (vmms->kvm)
			die("A QEMU binary was not found.  Install one (apt-get install "
			    "qemu-system-x86), or set a custom location by using the "
			    "QEMU=<path> environment variable.");
		die("%s, and a QEMU binary was not found.  Install one (apt-get install "
		    "qemu-system-x86), or set QEMU=<path>.", vmms->kvm_why);
	}
	if (vmms->wanted == VMM_EMBEDDED && !vmms->kvm)
		die("--backend=kvm: %s", vmms->kvm_why);
}

static const char *usual_accel(const struct vmms *vmms)
{
	if (vmms->wanted == VMM_QEMU_TCG)
		return "tcg";
	if (vmms->wanted == VMM_QEMU_KVM)
		return "kvm";
	return vmms->accel ? vmms->accel : vmms->kvm ? "kvm" : "tcg";
}

bool vmms_fallback(const struct session *session)
{
	return session->vmms.wanted == VMM_AUTO && !session->vmms.kvm &&
	       !session->vmms.qemu_given && !session->vmms.accel;
}

static void describe_bochs(struct buf *out)
{
	size_t count;
	struct bochs *all = bochs_list(&count, NULL, 0);

	buf_puts(out, "using Bochs");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s %s", i ? " and" : "", all[i].version);
}

void vmms_describe(struct session *session, struct buf *out)
{
	struct vmms *vmms = &session->vmms;

	if (vmms->wanted == VMM_BOCHS) {
		describe_bochs(out);
		return;
	}
	if (!wants_qemu(vmms) && vmms->kvm) {
		buf_printf(out, "using the embedded VMM with /dev/kvm (%s)", vmms->kind);
		conduct_describe(out);
		return;
	}
	if (vmms_fallback(session))
		buf_printf(out, "%s; ", vmms->kvm_why);
	buf_printf(out, "using %s with %s", qemu_path(session), usual_accel(vmms));
}

static bool choose_qemu(struct job *job, const char *accel, char *why, size_t size)
{
	struct session *session = job->session;
	char reason[500];

	snprintf(reason, sizeof(reason), "%s", why);
	if (!qemu_path(session)) {
		snprintf(why, size, "%s%sno QEMU was found", reason, *reason ? ", and " : "");
		return false;
	}
	job->accel = accel ? accel : usual_accel(&session->vmms);
	if (accel_is(job->accel, "kvm") && !session->vmms.kvm) {
		snprintf(why, size, NO_KVM);
		return false;
	}
	job->backend = &backend_qemu;
	if (*reason)
		snprintf(why, size, "%s; using %s with %s", reason, session->vmms.qemu, job->accel);
	return true;
}

bool backend_choose(struct job *job, char *why, size_t size)
{
	struct session *session = job->session;
	struct vmms *vmms = &session->vmms;
	const char *accel = vmms->accel;
	int refused;

	*why = '\0';
	if (vmms->wanted == VMM_BOCHS) {
		job->backend = &backend_bochs;
		job->accel = "bochs";
		if (job->backend->refuses(job, why, size))
			return false;
		*why = '\0';
		return true;
	}
	if (!accel && job->cfg)
		accel = job->cfg->accel;
	if (!accel)
		accel = job->machine.accel;
	if (vmms->wanted == VMM_QEMU_KVM || vmms->wanted == VMM_QEMU_TCG)
		accel = usual_accel(vmms);
	if (wants_qemu(vmms) || (accel && strcmp(accel, "kvm") && vmms->wanted != VMM_EMBEDDED))
		return choose_qemu(job, accel, why, size);
	if (!vmms->kvm) {
		if (!accel)
			return choose_qemu(job, accel, why, size);
		snprintf(why, size, NO_KVM);
		return false;
	}
	refused = backend_kvm.refuses(job, why, size);
	if (refused < 0 && vmms->wanted != VMM_EMBEDDED)
		return choose_qemu(job, "kvm", why, size);
	if (refused)
		return false;
	job->backend = &backend_kvm;
	job->accel = "kvm";
	return true;
}

const char *backend_kind(const struct job *job)
{
	if (job->backend == &backend_bochs)
		return "bochs";
	return accel_is(job->accel, "tcg") ? "tcg" : job->session->vmms.kind;
}
