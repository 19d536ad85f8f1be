#include "collect/args.h"

#include "base/buf.h"
#include "base/limits.h"
#include "collect/observe.h"
#include "collect/path_index.h"
#include "collect/unit.h"
#include "collect/unit_text.h"

struct args_file {
	struct ds_facts *f;
	struct ds_input *input;
	struct ds_lines lines;
	DS_VEC(struct ds_arg) argv;
};

/* The audited component that a file is named after: "kubelet", "058-kube-proxy.args". */
static enum ds_component component_of(const char *name)
{
	struct ds_str base = ds_str_basename(ds_str_from(name));

	for (int c = 0; c < DS_COMPONENT__COUNT; c++) {
		struct ds_str want = ds_str_from(ds_component_name((enum ds_component)c));

		if (ds_component_is_audited((enum ds_component)c) && ds_str_search(base, want) < base.n)
			return (enum ds_component)c;
	}
	return DS_COMPONENT_NONE;
}

static bool is_name(char c)
{
	return ds_c_is_alnum(c) || c == '_';
}

/* Without its quotes; $NAME in the spelling of what only the runtime knows. */
static int add_word(struct args_file *a, struct ds_str raw)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_arg arg = {0};

	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] == '"' || raw.p[i] == '\'')
			continue;
		if (raw.p[i] == '$' && i + 1 < raw.n && is_name(raw.p[i + 1])) {
			ds_buf_addz(&b, "${");
			while (i + 1 < raw.n && is_name(raw.p[i + 1]))
				ds_buf_addc(&b, raw.p[++i]);
			ds_buf_addc(&b, '}');
		} else {
			ds_buf_addc(&b, raw.p[i]);
		}
	}
	if (b.err < 0 || ds_arena_str(a->f->ctx->arena, ds_buf_str(&b), &arg.text) < 0)
		return DS_ENOMEM;
	arg.loc = ds_unit_place(a->input, &a->lines, (size_t)(raw.p - a->input->text.p), raw);
	return ds_vec_push(a->f->ctx->arena, &a->argv, arg);
}

static int add_line(struct args_file *a, struct ds_str line)
{
	struct ds_str word;
	bool done = false;

	line = ds_str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return 0;
	while (a->argv.n < DS_LIMIT_ARGV && ds_str_split(&line, ' ', &done, &word))
		if (ds_str_trim(word).n > 0 && add_word(a, ds_str_trim(word)) < 0)
			return DS_ENOMEM;
	return 0;
}

/* Whether lines assign to variables rather than hold flags. */
static bool is_environment(struct ds_str text)
{
	struct ds_str line;
	bool done = false;

	while (ds_str_split(&text, '\n', &done, &line)) {
		line = ds_str_trim(line);
		if (line.n > 0 && line.p[0] != '#' && line.p[0] != ';')
			return line.p[0] != '-';
	}
	return true;
}

int ds_args_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct args_file a = {.f = f, .input = input};
	enum ds_component c = component_of(input->name);
	struct ds_str rest = p->text, line, folder = ds_path_folder(input->name);
	struct ds_arg program = {.text = ds_str_from(c == DS_COMPONENT_NONE ? "" : ds_component_name(c))};
	struct ds_launch l = {
		.kind = DS_SOURCE_ARGS,
		.loc = {.input = input, .line = 1, .column = 1},
		.no_files = "a file of arguments does not contain the files that they name",
	};
	bool done = false;
	int r;

	if (is_environment(p->text))
		return ds_env_collect(f, input, p);
	if (c == DS_COMPONENT_NONE)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED,
				    "arguments of nothing that is audited: the file is named after no component");
	r = ds_lines_init(f->ctx->arena, p->text, &a.lines);
	if (r == 0)
		r = ds_vec_push(f->ctx->arena, &a.argv, program);
	while (r == 0 && ds_str_split(&rest, '\n', &done, &line))
		r = add_line(&a, line);
	l.host = ds_arena_strndup(f->ctx->arena, folder.p, folder.n);
	if (r < 0 || !l.host)
		return DS_ENOMEM;
	l.argv = a.argv.v;
	l.n = a.argv.n;
	return ds_observe(f, &l, NULL);
}
