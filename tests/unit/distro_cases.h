#ifndef TESTS_UNIT_DISTRO_CASES_H
#define TESTS_UNIT_DISTRO_CASES_H

/* What the tests of the distributions' collectors share: inputs, one component of what follows, what is said. */

#include "collect_util.h"

struct distro_case {
	const char *what;
	struct {
		const char *name, *text;
	} in[3];
	enum ds_component component; /* DS_COMPONENT_NONE: only diags */
	const char *want;  /* its description; NULL: no such component */
	const char *diags; /* NULL: none */
};

static inline void run_distro_cases(const struct distro_case *cases, size_t n, const char *type)
{
	for (size_t i = 0; i < n; i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		const char *want = cases[i].want ? cases[i].want : "", *diags = cases[i].diags ? cases[i].diags : "", *got;
		struct run r;

		run_init(&r);
		for (size_t k = 0; k < DS_ARRAY_SIZE(cases[i].in) && cases[i].in[k].name; k++) {
			struct ds_input *in = run_text(&r, cases[i].in[k].name, ds_str_from(cases[i].in[k].text), NULL);

			if (strcmp(in->type, type) != 0)
				fail_msg("%s: %s is taken for %s (%s)", cases[i].what, in->name, in->type,
					 in->reason ? in->reason : "");
		}
		run_finish(&r);
		ds_buf_addz(&b, "");
		for (size_t k = 0; k < r.f.components.n && cases[i].component != DS_COMPONENT_NONE; k++)
			if (r.f.components.v[k]->component == cases[i].component)
				describe_component(&b, r.f.components.v[k]);
		if (strcmp(b.p, want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].what, b.p, want);
		got = describe_diags(&r);
		if (strcmp(got, diags) != 0)
			fail_msg("%s: said\n%swant\n%s", cases[i].what, got, diags);
		run_done(&r);
	}
}

#endif
