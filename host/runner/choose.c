/* SPDX-License-Identifier: BSD-2-Clause */
/* Which VMM and accelerator runs a case. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/die.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/bochs.h"
#include "runner/cfg.h"
#include "runner/conduct.h"
#include "runner/efi.h"
#include "runner/job.h"
#include "runner/session.h"
#include "vmm/vm.h"

/* A VMM to be tried, and what accelerates it. */
struct candidate {
	const struct backend *backend;
	const char *accel;
};

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static const struct {
	const char *name;
	enum vmm_choice choice;
} choices[] = {
	{ "auto", VMM_AUTO }, { "kvm", VMM_EMBEDDED }, { "qemu", VMM_QEMU },
	{ "qemu-kvm", VMM_QEMU_KVM }, { "qemu-tcg", VMM_QEMU_TCG }, { "bochs", VMM_BOCHS },
	{ "kvmtool", VMM_KVMTOOL },
};

bool backend_named(const char *name, enum vmm_choice *choice)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (!strcmp(choices[i].name, name)) {
			*choice = choices[i].choice;
			return true;
		}
	}
	return false;
}

#define COMMAND	"command:"

static bool wish_read(const char *word, size_t length, struct vmm_wish *wish)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (str_same(word, length, choices[i].name)) {
			*wish = (struct vmm_wish){ choices[i].choice, choices[i].name, NULL };
			return true;
		}
	}
	return false;
}

/* Results are told apart by the word that stands for their VMM. */
static bool is_named_already(const struct vmm_wish *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].word, list[count].word))
			return true;
	return false;
}

bool vmm_wishes_read(const char *text, struct vmm_wish **list, size_t *count, char *why,
		     size_t size)
{
	while (*text) {
		size_t length = strcspn(text, ",");
		struct vmm_wish *wish;

		*list = mem_grow(*list, *count, sizeof(**list));
		wish = &(*list)[*count];
		if (!strncmp(text, COMMAND, strlen(COMMAND))) {
			*wish = (struct vmm_wish){ VMM_COMMAND, "command",
						   mem_copy(text + strlen(COMMAND)) };
			length = strlen(text);
		} else if (!wish_read(text, length, wish)) {
			snprintf(why, size, "unknown backend: %.*s", (int)length, text);
			return false;
		}
		if (is_named_already(*list, *count)) {
			snprintf(why, size, "%s is named twice", wish->word);
			return false;
		}
		(*count)++;
		text += length + (text[length] == ',');
	}
	return true;
}

const char *backend_word(enum vmm_choice choice)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++)
		if (choices[i].choice == choice)
			return choices[i].name;
	return "?";
}

bool accel_is(const char *accel, const char *name)
{
	return accel && str_same(accel, strcspn(accel, ",:"), name);
}

/* Whether KVM is what images get that ask for nothing. */
static bool kvm_is_usual(const struct vmms *vmms)
{
	return vmms->kvm && !vmms->kvm_lacks;
}

static const char *usual_accel(const struct vmms *vmms)
{
	return vmms->accel ? vmms->accel : kvm_is_usual(vmms) ? "kvm" : "tcg";
}

/* Whether nothing but QEMU is meant, where nobody named a backend. */
static bool means_qemu(const struct vmms *vmms, const char *accel)
{
	return vmms->qemu_given || (accel && !accel_is(accel, "kvm"));
}

/*
 * What is to be tried, in this order; @accel is what the environment or the case
 * asks for, or NULL.
 */
static size_t candidates_list(const struct session *session, enum vmm_choice wanted,
			      const char *accel, struct candidate *list)
{
	const struct vmms *vmms = &session->vmms;
	size_t count = 0;

	switch (wanted) {
	case VMM_AUTO:
		if (!strcmp(settings_get(&session->config, "TARGET", "qemu"), "kvmtool")) {
			list[count++] = (struct candidate){ &backend_kvmtool, "kvm" };
			break;
		}
		if (!means_qemu(vmms, accel) && vmms->embedded && (accel || kvm_is_usual(vmms)))
			list[count++] = (struct candidate){ &backend_kvm, "kvm" };
		list[count++] = (struct candidate){
			&backend_qemu, accel ? accel : usual_accel(vmms) };
		break;
	case VMM_EMBEDDED:
		list[count++] = (struct candidate){ &backend_kvm, "kvm" };
		break;
	case VMM_QEMU:
		list[count++] = (struct candidate){
			&backend_qemu, accel ? accel : usual_accel(vmms) };
		break;
	case VMM_QEMU_KVM:
	case VMM_QEMU_TCG:
		list[count++] = (struct candidate){
			&backend_qemu, wanted == VMM_QEMU_KVM ? "kvm" : "tcg" };
		break;
	case VMM_BOCHS:
		list[count++] = (struct candidate){ &backend_bochs, "bochs" };
		break;
	case VMM_KVMTOOL:
		list[count++] = (struct candidate){ &backend_kvmtool, "kvm" };
		break;
	case VMM_COMMAND:
		list[count++] = (struct candidate){ &backend_command, "command" };
		break;
	}
	return count;
}

void vmms_find(struct session *session)
{
	struct vmms *vmms = &session->vmms;

	vmms->qemu_given = environment("QEMU");
	vmms->accel = environment("ACCEL");
	if (arch_runs_here(session->target))
		vmms->kvm = vm_usable(vmms->kvm_why, sizeof(vmms->kvm_why));
	else
		snprintf(vmms->kvm_why, sizeof(vmms->kvm_why),
			 "this machine cannot run %s images by itself", session->target->name);
	vmms->embedded = vmms->kvm && !strcmp(session->target->directory, vm_directory());
	/* Its page tables have four levels; what begins with two ends in a triple fault. */
	vmms->kvm_lacks = vmms->kvm && !strcmp(session->target->name, "i386") &&
			  !strcmp(vm_host_kind(), "kvm_pvm");
	if (vmms->kvm_lacks)
		snprintf(vmms->kvm_why, sizeof(vmms->kvm_why),
			 "%s has no 32-bit paging without PAE, which i386 images need",
			 vm_host_kind());
}

void vmms_check(struct session *session, enum vmm_choice wanted, const char *template)
{
	struct vmms *vmms = &session->vmms;
	struct candidate first[4];
	char why[600];
	size_t count;

	candidates_list(session, wanted, vmms->accel, first);
	if (first->backend->usable && !first->backend->usable(template, why, sizeof(why)))
		die("--backend: %s", why);
	if (first->backend == &backend_kvm && !vmms->embedded)
		die("--backend=kvm: %s", vmms->kvm ?
		    "the embedded VMM has no machines for these images" : vmms->kvm_why);
	if (first->backend == &backend_bochs && (!bochs_list(&count, why, sizeof(why)) || !count))
		die("--backend=bochs: %s", why);
	if (first->backend == &backend_qemu && !qemu_path(session))
		die("%s%s QEMU binary was not found.  Install one (apt-get install %s), or "
		    "set a custom location by using the QEMU=<path> environment variable.",
		    vmms->kvm ? "" : vmms->kvm_why, vmms->kvm ? "A" : ", and a",
		    session->target->package);
}

bool vmms_fallback(const struct session *session, enum vmm_choice wanted)
{
	return wanted == VMM_AUTO && !kvm_is_usual(&session->vmms) &&
	       !session->vmms.qemu_given && !session->vmms.accel;
}

void vmms_describe(struct session *session, enum vmm_choice wanted, struct buf *out)
{
	struct vmms *vmms = &session->vmms;
	struct candidate first[4];
	struct bochs *bochs;
	size_t count;

	candidates_list(session, wanted, vmms->accel, first);
	if (vmms_fallback(session, wanted))
		buf_printf(out, "%s; ", vmms->kvm_why);
	if (first->backend == &backend_kvm) {
		buf_printf(out, "using the embedded VMM with /dev/kvm (%s)", vm_host_kind());
		conduct_describe(out);
	} else if (first->backend == &backend_bochs) {
		bochs = bochs_list(&count, NULL, 0);
		buf_puts(out, "using Bochs");
		for (size_t i = 0; i < count; i++)
			buf_printf(out, "%s %s", i ? " and" : "", bochs[i].version);
	} else if (first->backend == &backend_kvmtool) {
		buf_puts(out, "using kvmtool");
	} else if (first->backend == &backend_command) {
		buf_puts(out, "using the command that was given");
	} else {
		buf_printf(out, "using %s with %s", qemu_path(session), first->accel);
	}
}

/* Whether both name one accelerator, whatever properties stand behind. */
static bool same_accel(const char *a, const char *b)
{
	size_t length = strcspn(a, ",");

	return length == strcspn(b, ",") && !strncmp(a, b, length);
}

static int refuses(struct job *job, char *why, size_t size)
{
	if (!efi_is(job->image) || job->backend->starts_efi)
		return job->backend->refuses(job, why, size);
	snprintf(why, size, "UEFI images need QEMU");
	return -1;
}

bool backend_choose(struct job *job, char *why, size_t size)
{
	struct session *session = job->session;
	const char *accel = session->vmms.accel, *asked = job->cfg ? job->cfg->accel : NULL;
	struct candidate list[4];
	char reason[500] = "";
	size_t count;

	/* Nobody but the case itself wants a KVM that cannot start it. */
	if (!accel && asked && same_accel(asked, "kvm") && session->vmms.kvm_lacks &&
	    job->wanted == VMM_AUTO && !job->plan.host) {
		snprintf(why, size, "%s", session->vmms.kvm_why);
		return false;
	}
	if (!accel)
		accel = asked ? asked : job->machine.accel;
	count = candidates_list(session, job->wanted, accel, list);
	if (job->plan.host) {
		*list = (struct candidate){ &backend_host, "kvm" };
		count = 1;
	}
	for (size_t i = 0; i < count; i++) {
		int refused;

		job->backend = list[i].backend;
		job->accel = list[i].accel;
		if (asked && !same_accel(asked, job->accel)) {
			snprintf(why, size, "%s only, but ACCEL=%s", asked, job->accel);
			return false;
		}
		/* The case may ask for more: "tcg,thread=single". */
		if (asked && !strchr(job->accel, ','))
			job->accel = asked;
		*why = '\0';
		refused = refuses(job, why, size);
		if (!refused) {
			if (*reason)
				snprintf(why, size, "%s; using %s with %s", reason,
					 job->backend->name, job->accel);
			return true;
		}
		if (refused > 0)
			return false;
		snprintf(reason, sizeof(reason), "%s", why);
	}
	return false;
}

const char *backend_kind(const struct job *job)
{
	if (job->backend == &backend_bochs || job->backend == &backend_command)
		return job->backend->name;
	return accel_is(job->accel, "tcg") ? "tcg" : NULL;
}

const char *backend_perturbed(const struct job *job)
{
	return job->backend == &backend_kvm ? conduct_perturbed() : NULL;
}
