/*
 * Replays recorded answers of real API servers (see data/README.md) against
 * the Service engine: accepted or not, the resulting spec, code, reason,
 * message, causes, warnings. Any disagreement fails.
 *
 * Usage: replay_service [-v] FILE.jsonl…
 * DS_VECTORS names a folder with further service-*.jsonl files.
 * -v prints every disagreement, not only the first few of a file.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/num.h"
#include "service/service.h"
#include "yaml/scalar.h"
#include "yaml/tree.h"

#define SHOWN_PER_FILE 5u
#define VERSIONS       64u

struct tally {
	size_t total[VERSIONS], agreed[VERSIONS]; /* by minor version */
	size_t disagreed;
	bool verbose;
};

static struct ds_str text_of(const struct ds_yaml_node *node)
{
	struct ds_str s;

	return node && ds_yaml_as_string(node, &s) == 0 ? s : (struct ds_str){"", 0};
}

static bool flag_of(const struct ds_yaml_node *node)
{
	bool b;

	return node && ds_yaml_as_bool(node, &b) == 0 && b;
}

static int cluster_of(const struct ds_yaml_node *root, struct ds_service_cluster *ret)
{
	const struct ds_yaml_node *ranges = ds_yaml_get(root, "serviceClusterIPRange");
	struct ds_str version = text_of(ds_yaml_get(root, "kubernetes"));
	uint64_t minor;

	*ret = (struct ds_service_cluster){0};
	if (!ds_str_starts(version, "1.") || ds_num_u64(ds_str_skip(version, 2), VERSIONS - 1, &minor) < 0 || !ranges)
		return DS_EINVAL;
	ret->minor = (unsigned)minor;
	for (size_t i = 0; i < ranges->n && i < 2; i++)
		if (ds_cidr_parse(text_of(ranges->items[i]), DS_IP_SLOPPY, &ret->ranges[ret->n_ranges++]) < 0)
			return DS_EINVAL;
	return 0;
}

static bool same_list(const struct ds_service_list *l, const struct ds_yaml_node *want)
{
	if (!want || want->kind != DS_YAML_SEQUENCE || want->n != l->n)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (!ds_str_eq(l->v[i], text_of(want->items[i])))
			return false;
	return true;
}

static bool same_map(const struct ds_service_map *m, const struct ds_yaml_node *want)
{
	if (!want || want->kind != DS_YAML_MAPPING || want->n != m->n)
		return false;
	for (size_t i = 0; i < want->n; i++) {
		bool found = false;

		for (size_t j = 0; j < m->n; j++)
			found = found || (ds_str_eq(m->v[j].key, want->pairs[i].key->text) &&
					  ds_str_eq(m->v[j].value, text_of(want->pairs[i].value)));
		if (!found)
			return false;
	}
	return true;
}

static bool same_field(const struct ds_service_field *f, const struct ds_yaml_node *want)
{
	switch (f->kind) {
	case DS_SERVICE_TEXT:
		return ds_str_eq(f->text, text_of(want));
	case DS_SERVICE_BOOL:
		return f->boolean == flag_of(want);
	case DS_SERVICE_LIST:
		return same_list(&f->list, want);
	case DS_SERVICE_MAP:
		return same_map(&f->map, want);
	}
	return false;
}

static void add_field(struct ds_buf *b, const struct ds_service_field *f)
{
	ds_buf_printf(b, " %s=", f->name);
	if (f->kind == DS_SERVICE_TEXT)
		ds_buf_adds(b, f->text);
	else if (f->kind == DS_SERVICE_BOOL)
		ds_buf_addz(b, f->boolean ? "true" : "false");
	else if (f->kind == DS_SERVICE_MAP)
		ds_buf_printf(b, "{%zu}", f->map.n);
	for (size_t i = 0; f->kind == DS_SERVICE_LIST && i < f->list.n; i++) {
		ds_buf_addc(b, i ? ',' : '[');
		ds_buf_adds(b, f->list.v[i]);
	}
}

/* What differs, or nothing. */
static void compare_spec(struct ds_buf *why, const struct ds_service_outcome *got, const struct ds_yaml_node *want)
{
	size_t known = want ? want->n : 0;

	if (known != got->n_fields)
		ds_buf_printf(why, " %zu fields instead of %zu;", got->n_fields, known);
	for (size_t i = 0; i < got->n_fields; i++)
		if (!same_field(&got->fields[i], ds_yaml_get(want, got->fields[i].name)))
			ds_buf_printf(why, " %s;", got->fields[i].name);
	if (why->n == 0)
		return;
	ds_buf_addz(why, "\n     got");
	for (size_t i = 0; i < got->n_fields; i++)
		add_field(why, &got->fields[i]);
}

static void compare_warnings(struct ds_buf *why, const struct ds_service_outcome *got, const struct ds_yaml_node *want)
{
	size_t n = want ? want->n : 0;

	if (got->n_warnings != n)
		ds_buf_printf(why, " %zu warnings instead of %zu;", got->n_warnings, n);
	for (size_t i = 0; i < got->n_warnings; i++)
		if (i >= n || !ds_str_eqz(text_of(want->items[i]), got->warnings[i]))
			ds_buf_printf(why, "\n     warning %s", got->warnings[i]);
}

/* Takes one address of the family off *s: recordings hold the one that was chosen. */
static bool take_address(struct ds_str *s, unsigned family)
{
	struct ds_ip ip;
	size_t n = 0;

	while (n < s->n &&
	       (ds_c_is_digit(s->p[n]) || (s->p[n] >= 'a' && s->p[n] <= 'f') || s->p[n] == ':' || s->p[n] == '.'))
		n++;
	if (ds_ip_parse(ds_str_head(*s, n), DS_IP_STRICT, &ip) < 0 || ip.family != family)
		return false;
	*s = ds_str_skip(*s, n);
	return true;
}

/* Equal but for placeholders of ours, which stand for any address. */
static bool same_text(struct ds_str want, const char *ours)
{
	struct ds_str got = ds_str_from(ours ? ours : "");

	while (got.n) {
		bool is4 = ds_str_starts(got, "<IPv4>"), is6 = ds_str_starts(got, "<IPv6>");

		if ((is4 || is6) && !ds_str_starts(want, "<IPv")) {
			if (!take_address(&want, is6 ? 6 : 4))
				return false;
			got = ds_str_skip(got, 6);
			continue;
		}
		if (want.n == 0 || want.p[0] != got.p[0])
			return false;
		got = ds_str_skip(got, 1);
		want = ds_str_skip(want, 1);
	}
	return want.n == 0;
}

static void compare_refusal(struct ds_buf *why, const struct ds_service_outcome *got, const struct ds_yaml_node *want)
{
	const struct ds_yaml_node *causes = ds_yaml_get(want, "causes");
	size_t n = causes ? causes->n : 0;
	int64_t code = 0;

	if (ds_yaml_as_int(ds_yaml_get(want, "code"), 32, &code) < 0 || code != got->code)
		ds_buf_printf(why, " code %d;", got->code);
	if (!ds_str_eqz(text_of(ds_yaml_get(want, "reason")), got->reason ? got->reason : ""))
		ds_buf_printf(why, " reason %s;", got->reason ? got->reason : "-");
	if (!same_text(text_of(ds_yaml_get(want, "message")), got->message))
		ds_buf_printf(why, "\n     message %s", got->message ? got->message : "-");
	if (got->n_causes != n)
		ds_buf_printf(why, " %zu causes instead of %zu;", got->n_causes, n);
	for (size_t i = 0; i < got->n_causes && i < n; i++) {
		const struct ds_service_cause *c = &got->causes[i];

		if (!ds_str_eqz(text_of(ds_yaml_get(causes->items[i], "reason")), c->reason) ||
		    !ds_str_eqz(text_of(ds_yaml_get(causes->items[i], "field")), c->field) ||
		    !same_text(text_of(ds_yaml_get(causes->items[i], "message")), c->message))
			ds_buf_printf(why, "\n     cause %zu: %s %s: %s", i, c->reason, c->field, c->message);
	}
}

static void compare(struct ds_buf *why, const struct ds_service_outcome *got, const struct ds_yaml_node *want)
{
	bool accepted = flag_of(ds_yaml_get(want, "accepted"));
	bool dropped = flag_of(ds_yaml_get(want, "connectionDropped"));

	if (got->connection_dropped != dropped)
		ds_buf_printf(why, " connectionDropped %d;", got->connection_dropped);
	if (got->accepted != accepted)
		ds_buf_printf(why, " accepted %d (%s);", got->accepted, got->message ? got->message : "");
	if (got->connection_dropped || got->accepted != accepted)
		return;
	if (accepted) {
		compare_spec(why, got, ds_yaml_get(want, "spec"));
		compare_warnings(why, got, ds_yaml_get(want, "warnings"));
	} else if (!dropped) {
		compare_refusal(why, got, want);
	}
}

static int decide(struct ds_arena *a, const struct ds_yaml_node *root, struct ds_service_outcome *ret)
{
	const struct ds_yaml_node *before = ds_yaml_get(root, "before");
	struct ds_service_cluster cluster;
	struct ds_service svc, old;
	int r;

	r = cluster_of(root, &cluster);
	if (r < 0)
		return r;
	r = ds_service_decode(a, ds_yaml_get(root, "object"), cluster.minor, &svc);
	if (r < 0)
		return r;
	if (!before)
		return ds_service_create(a, &cluster, &svc, NULL, ret);
	r = ds_service_decode(a, before, cluster.minor, &old);
	return r < 0 ? r : ds_service_update(a, &cluster, &old, &svc, NULL, ret);
}

static void replay_line(struct tally *t, const char *file, size_t number, struct ds_str line)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	_ds_buf_done_ struct ds_buf why = DS_BUF_INIT;
	struct ds_yaml_stream stream;
	struct ds_service_outcome outcome = {0};
	struct ds_service_cluster cluster = {0};
	const struct ds_yaml_node *root;
	int r;

	if (ds_ctx_init(&ctx, 0) < 0)
		return;
	r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, file, "jsonl"), line, &stream);
	root = r == 0 && stream.n ? stream.docs[0].root : NULL;
	if (root)
		(void)cluster_of(root, &cluster);
	r = root ? decide(ctx.arena, root, &outcome) : DS_ESYNTAX;
	if (r < 0)
		ds_buf_printf(&why, " %s", ds_strerror(r));
	else
		compare(&why, &outcome, ds_yaml_get(root, "outcome"));
	t->total[cluster.minor]++;
	if (why.n == 0) {
		t->agreed[cluster.minor]++;
		return;
	}
	if (t->verbose || t->disagreed < SHOWN_PER_FILE)
		(void)printf("# %s:%zu:%.*s\n     question %.*s\n", file, number, (int)why.n, why.p, DS_STR_ARG(line));
	t->disagreed++;
}

static char *read_all(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	long n;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		p = malloc((size_t)n + 1);
		*ret_n = p ? fread(p, 1, (size_t)n, f) : 0;
	}
	(void)fclose(f);
	return p;
}

/* The number of disagreements, or -1 when nothing could be replayed. */
static int replay_file(const char *path, bool verbose)
{
	struct tally t = {.verbose = verbose};
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t n = 0, number = 0, lines = 0;
	char *text = read_all(path, &n);
	struct ds_str rest = {text, n}, line;
	bool done = false;

	if (!text) {
		perror(path);
		return -1;
	}
	while (ds_str_split(&rest, '\n', &done, &line)) {
		number++;
		if (line.n == 0)
			continue;
		replay_line(&t, name, number, line);
		lines++;
	}
	for (size_t v = 0; v < VERSIONS; v++)
		if (t.total[v])
			(void)printf("%s (1.%zu): %zu of %zu agree\n", name, v, t.agreed[v], t.total[v]);
	free(text);
	return lines ? (int)t.disagreed : -1;
}

static int replay_folder(const char *folder, bool verbose)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort), bad = n < 0;

	for (int i = 0; i < n; i++) {
		char path[4096];
		size_t length = strlen(names[i]->d_name);

		if (strncmp(names[i]->d_name, "service-", 8) == 0 && length > 6 &&
		    strcmp(names[i]->d_name + length - 6, ".jsonl") == 0 &&
		    snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) < (int)sizeof(path) &&
		    replay_file(path, verbose) != 0)
			bad = 1;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return bad;
}

int main(int argc, char **argv)
{
	const char *folder = getenv("DS_VECTORS");
	bool verbose = false;
	int bad = 0, files = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
			continue;
		}
		files++;
		if (replay_file(argv[i], verbose) != 0)
			bad = 1;
	}
	if (folder) {
		files++;
		if (replay_folder(folder, verbose))
			bad = 1;
	}
	return bad || files == 0;
}
