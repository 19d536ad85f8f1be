/* First byte: component and version; then arguments, one a line. */
#include <stdint.h>
#include <stdlib.h>

#include "kube/cmdline.h"
#include "kube/gates.h"
#include "kube/shell.h"
#include "kube/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_arena *a = size > 0 && size < 65536 ? ds_arena_new((size_t)64 << 20) : NULL;
	struct ds_arg argv[512];
	struct ds_str words[512], rest, line, shell, *slice;
	struct ds_cmdline cl;
	struct ds_gates gates;
	struct ds_shell_word *w;
	const char *why;
	size_t n = 0, skip, m;
	bool done = false;

	if (!a)
		return 0;
	rest = ds_str_n((const char *)data + 1, size - 1);
	while (n < 512 && ds_str_split(&rest, '\n', &done, &line)) {
		argv[n] = (struct ds_arg){.text = line, .loc = {.line = 1, .column = 1, .length = (uint32_t)line.n}};
		words[n++] = line;
	}
	(void)ds_component_recognise(words, n, DS_STR(""), &skip, &shell);
	if (skip >= n && n > 0)
		abort();
	if (shell.n && ds_shell_split(a, shell, 0, &w, &m) == 0 && m == 0)
		abort();
	if (ds_cmdline_parse(a, (enum ds_component)(data[0] & 3), DS_KUBE_OLDEST + (data[0] >> 2) % 17, argv, n, &cl) ==
	    0) {
		for (size_t i = 0; i < cl.uses.n; i++)
			if (!cl.uses.v[i].flag->kept)
				abort();
		if (ds_gates_from_flags(a, &cl, DS_KUBE_OLDEST + (data[0] >> 2) % 17, &gates) == 0 &&
		    ds_gates_check(a, &gates) == 0)
			(void)ds_gates_value(&gates, "IPv6DualStack");
		(void)ds_gate_enabled(&cl, cl.component, 25, "IPv6DualStack");
		if (ds_cmdline_slice(a, &cl, "cluster-dns", &slice, &m, &why) == 0 && m > 0 && !slice)
			abort();
	}
	ds_arena_free(a);
	return 0;
}
