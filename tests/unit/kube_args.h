/* Command lines and verdicts for the tests of the kube room. Include after cmocka.h. */
#ifndef DS_TESTS_KUBE_ARGS_H
#define DS_TESTS_KUBE_ARGS_H

#include "base/buf.h"
#include "kube/cmdline.h"
#include "kube/verdict.h"

#define MAX_TEST_ARGS 32

static int arena_setup(void **state)
{
	*state = ds_arena_new((size_t)64 << 20);
	return *state ? 0 : -1;
}

static int arena_teardown(void **state)
{
	*state = ds_arena_free(*state);
	return 0;
}

/* Arguments separated by line feeds; "" is none. */
static inline struct ds_cmdline args_of(struct ds_arena *a, enum ds_component c, unsigned minor, const char *text)
{
	struct ds_arg argv[MAX_TEST_ARGS] = {0};
	struct ds_str rest = ds_str_from(text), part;
	struct ds_cmdline cl = {0};
	bool done = *text == 0;
	size_t n = 0;

	while (ds_str_split(&rest, '\n', &done, &part)) {
		assert_true(n < MAX_TEST_ARGS);
		argv[n++].text = part;
	}
	assert_int_equal(ds_cmdline_parse(a, c, minor, argv, n, &cl), 0);
	return cl;
}

/* "name=a,b name=c …" of the derived facts in names, in that order; a missing one is left out. */
static inline const char *derived_text(struct ds_arena *a, const struct ds_verdict *v, const char *const *names)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *text;

	for (; *names; names++) {
		const struct ds_derived *d = ds_verdict_derived(v, *names);

		if (!d)
			continue;
		ds_buf_printf(&b, "%s%s=", b.n ? " " : "", *names);
		if (d->kind == DS_DERIVED_STRING)
			ds_buf_addz(&b, d->string);
		else if (d->kind == DS_DERIVED_INT)
			ds_buf_printf(&b, "%lld", (long long)d->integer);
		else if (d->kind == DS_DERIVED_BOOL)
			ds_buf_addz(&b, d->boolean ? "true" : "false");
		for (size_t i = 0; (d->kind == DS_DERIVED_LIST || d->kind == DS_DERIVED_NUMBERS) && i < d->n; i++)
			ds_buf_printf(&b, "%s%s", i ? "," : "", d->list[i]);
	}
	text = ds_buf_dup(&b, a);
	return text ? text : "";
}

static inline const char *printed_errors(struct ds_arena *a, const struct ds_verdict *v)
{
	const char *text = ds_verdict_printed(a, v);

	return text ? text : "(out of memory)";
}

#endif
