/* SPDX-License-Identifier: BSD-2-Clause */
/* Images: ELF, multiboot and PVH headers, the list of TESTs, symbols. */
#include "base/symbols.h"
#include "fuzz/fake.h"
#include "runner/plan.h"
#include "vmm/machine.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct vm_config config = { .cpus = 1, .memory = 2 << 20 };

	(void)argc;
	(void)argv;
	fake_machine(&config);
	return 0;
}

static void load(void)
{
	struct boot_door door = loader_load(fake_file_path());

	(void)door;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbol places[4];
	struct symbols *symbols;
	struct plan plan;
	uint64_t address;
	char why[256];

	fake_file(data, size);
	FAKE_TRY(load());
	if (plan_read(&plan, fake_file_path(), why, sizeof(why)) == PLAN_OK)
		for (size_t i = 0; i < plan.count; i++)
			plan_selects(&plan, i, "a -b* *");
	plan_free(&plan);
	symbols = symbols_open(fake_file_path());
	for (address = 1; address; address <<= 3)
		symbols_at(symbols, address, places, 4);
	symbols_find(symbols, "main", &address);
	symbols_close(symbols);
	return 0;
}
