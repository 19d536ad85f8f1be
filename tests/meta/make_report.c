/*
 * Reports that no cluster makes, for the tests and benchmarks of the writers.
 *
 *   make_report formats         the names of all formats
 *   make_report attacks         the hostile texts, a line of hexadecimal digits each
 *   make_report FORMAT hostile  a report with each of them wherever text of inputs or rules can stand
 *   make_report FORMAT N        a report with N findings; FORMAT none only builds it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "report/report.h"

#define BYTES 255

/* Beside every single byte: what means something to a terminal, a parser or a CI server. */
static const char *const phrases[] = {
	"\033[31mred\033[0m\033]0;title\a", "\r\033[2Koverwritten", "</script><script>alert(1)</script>",
	"]]><x>", "]]>", "<!--", "-->", "&lt;&#0;&amp;", "\"'\\", "\\u0000", "\\",
	"::error file=x::y", "\n::error::injected", "\r\n::stop-commands::t", "##[error]x", "##vso[task.complete]",
	"%0A::error::x", "%0D%25%2C%3A", ",title=x::", "a,b:c",
	"| a | b |", "|\n|---|", "`", "``` \n# x\n```", "\n\n# heading\n\n- list\n", "![x](http://x.invalid/x.png)",
	"[click](javascript:alert(1))", "<img src=x onerror=alert(1)>", "@everyone", "http://x.invalid www.x.invalid",
	"{0}", "{{0}}", "$(id)", "${jndi:ldap://x}", "=1+1", "--- !!python/object", "key: value", "\n...\n---\n",
	"\xe2\x80\xae" "desrever", "\xe2\x81\xa6isolate\xe2\x81\xa9", "zero\xe2\x80\x8bwidth", "\xef\xbb\xbf" "bom",
	"\xe2\x80\xa8line\xe2\x80\xa9paragraph", "\xc2\x85next", "\xf3\xa0\x81\x81tag", "\xef\xbf\xbe\xef\xbf\xbf",
	"\xed\xa0\x80surrogate", "\xc0\xaf" "overlong", "\xf4\x90\x80\x80toobig", "\xe2\x82", "\xff\xfe",
	"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "e\xcc\x81", "\xf0\x9f\x98\x80", "../../etc/passwd", "//x.invalid/y", "a b",
	"", "%", "#fragment?query", "C:\\x",
};

#define N_ATTACKS (BYTES + DS_ARRAY_SIZE(phrases))

static struct ds_ctx ctx;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static const char *around(const char *before, const char *attack, const char *after)
{
	return must(ds_arena_printf(ctx.arena, "%s%s%s", before, attack, after));
}

static const char *attack(size_t i)
{
	char byte[] = {(char)(i + 1), '\0'};

	return i < BYTES ? around("", byte, "") : phrases[i - BYTES];
}

/* ---- the pieces ---- */

static struct ds_input *input(const char *name, const char *type, enum ds_input_status status, const char *reason)
{
	struct ds_input *in = must(ds_ctx_input(&ctx, name, type));

	in->status = status;
	in->reason = reason;
	return in;
}

static struct ds_rule *new_rule(size_t i, const char *words)
{
	static const char *const references[] = {"kubernetes/kubernetes#1"};
	struct ds_rule *r = must(ds_arena_new_obj(ctx.arena, struct ds_rule));

	r->id = must(ds_arena_printf(ctx.arena, "DS%03zu", i));
	r->name = "a-rule";
	r->title = around("title ", words, ".");
	r->why = around("why ", words, ".");
	r->fix = around("how ", words, ".");
	r->severity = (enum ds_severity)(i % DS_SEVERITY__COUNT);
	r->references = must(ds_arena_new_array(ctx.arena, 1, const char *));
	r->references[0] = references[0];
	r->n_references = 1;
	return r;
}

static void add_result(struct ds_findings *f, const struct ds_rule *rule)
{
	struct ds_rule_result *r = must(ds_vec_add(ctx.arena, &f->results));

	r->rule = rule;
	r->status = DS_STATUS_FAIL;
	r->targets[DS_STATUS_FAIL] = r->targets[DS_STATUS_UNKNOWN] = 1;
}

static struct ds_finding *add_finding(struct ds_report *r, struct ds_findings *f, const struct ds_rule *rule,
				      enum ds_status status)
{
	struct ds_finding *x = must(ds_vec_add(ctx.arena, &f->v));

	*x = (struct ds_finding){.rule = rule, .status = status, .severity = rule->severity, .count = 1};
	x->fingerprint = must(ds_arena_printf(ctx.arena, "%016zx", f->v.n));
	if (status == DS_STATUS_FAIL)
		r->summary.severity[x->severity]++;
	else
		r->summary.unknown++;
	return x;
}

static struct ds_report_cluster *add_cluster(struct ds_report *r, const char *name)
{
	struct ds_cluster *c = must(ds_arena_new_obj(ctx.arena, struct ds_cluster));
	struct ds_report_cluster *rc = must(ds_vec_add(ctx.arena, &r->clusters));

	c->name = name;
	c->version = (struct ds_kube_version){.major = 1, .minor = 34};
	c->services.reason = c->pods.reason = c->service_families.reason = c->pod_families.reason = name;
	c->node_families.reason = name;
	rc->cluster = c;
	rc->preview.unknown = name;
	return rc;
}

static int by_severity(const void *a, const void *b)
{
	const struct ds_finding *x = a, *y = b;
	int c = (int)y->severity - (int)x->severity;

	return c ? c : strcmp(x->rule->id, y->rule->id);
}

/* ---- the two reports ---- */

static void add_suppressed(struct ds_report *r, struct ds_report_cluster *c, const struct ds_finding *f,
			   const char *reason, size_t i)
{
	struct ds_suppressed *s = must(ds_vec_add(ctx.arena, &c->suppressed.v));

	*s = (struct ds_suppressed){*f, (enum ds_suppressed_by)(i % DS_BY__COUNT), reason};
	r->summary.suppressed++;
}

/* A node whose name and block are all of them. */
static void add_node(struct ds_report_cluster *c, struct ds_str all)
{
	struct ds_cluster *cluster = must(ds_arena_new_obj(ctx.arena, struct ds_cluster));
	struct ds_kcm_node *node = must(ds_arena_new_obj(ctx.arena, struct ds_kcm_node));
	struct ds_str *cidr = must(ds_arena_new_obj(ctx.arena, struct ds_str));

	*cluster = *c->cluster;
	*cidr = all;
	*node = (struct ds_kcm_node){.name = all.p, .cidrs = cidr, .n = 1};
	cluster->node_blocks = (struct ds_node_blocks){.reason = all.p, .nodes = node, .n_nodes = 1};
	c->cluster = cluster;
}

/* Of each text: a failure in a file, one in a process, something unknown and that suppressed, a failed
 * input, a diagnostic. */
static void build_hostile(struct ds_report *r)
{
	_ds_buf_done_ struct ds_buf all = DS_BUF_INIT;
	struct ds_report_cluster *c;

	for (size_t i = 0; i < N_ATTACKS; i++)
		ds_buf_addz(&all, attack(i));
	c = add_cluster(r, must(ds_buf_dup(&all, ctx.arena)));
	add_node(c, ds_str_n(c->cluster->name, all.n));
	for (size_t i = 0; i < N_ATTACKS; i++) {
		const char *a = attack(i);
		struct ds_input *file = input(around("d/", a, ""), "static-pod", DS_INPUT_READ, NULL);
		struct ds_input *proc = input(around("/proc", a, ""), "process", DS_INPUT_READ, NULL);
		struct ds_input *bad = input(around("bad/", a, ""), "file", DS_INPUT_FAILED, around("reason ", a, "."));
		struct ds_rule *rule = new_rule(i, a);
		struct ds_finding *f;
		struct ds_loc loc = {.input = bad, .line = 2};

		/* Excerpts can hold a NUL. */
		file->text = ds_str_n(around("", a, "x\ny"), strlen(a) + 3);
		add_result(&c->findings, rule);
		for (size_t k = 0; k < 3; k++) {
			f = add_finding(r, &c->findings, rule, k == 2 ? DS_STATUS_UNKNOWN : DS_STATUS_FAIL);
			f->message = around("message ", a, ".");
			f->fix = around("fix ", a, ".");
			if (k != 1)
				f->locations[f->n_locations++] =
					(struct ds_loc){.input = file, .line = 1, .column = 1, .length = 1,
							.path = around("path ", a, ".")};
			f->locations[f->n_locations++] = (struct ds_loc){.input = proc, .pid = 7, .text = ds_str_n("\0z", 2),
									 .flag = around("--flag", a, "")};
		}
		add_suppressed(r, c, f, around("reason ", a, "."), i);
		if (ds_diag(&ctx, (enum ds_level)(i % DS_LEVEL__COUNT), &loc, around("hint ", a, "."), "about %s.", a) < 0)
			abort();
	}
	qsort(c->findings.v.v, c->findings.v.n, sizeof(c->findings.v.v[0]), by_severity);
	r->incomplete = true;
}

static void build_many(struct ds_report *r, size_t n)
{
	struct ds_report_cluster *c = add_cluster(r, "many");
	struct ds_rule *rules[100];
	struct ds_input *files[10];

	for (size_t i = 0; i < DS_ARRAY_SIZE(files); i++)
		files[i] = input(must(ds_arena_printf(ctx.arena, "manifests/%zu.yaml", i)), "static-pod", DS_INPUT_READ, NULL);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rules); i++) {
		rules[i] = new_rule(i, "something of some length that is wrong with a Service range");
		add_result(&c->findings, rules[i]);
	}
	for (size_t i = 0; i < n; i++) {
		struct ds_finding *f = add_finding(r, &c->findings, rules[i % DS_ARRAY_SIZE(rules)],
						   i % 10 == 9 ? DS_STATUS_UNKNOWN : DS_STATUS_FAIL);

		f->message = must(ds_arena_printf(ctx.arena, "kube-controller-manager has the Service range 10.96.%zu.0/24, "
						  "kube-apiserver another one", i));
		f->fix = "Set --service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/112 on every kube-apiserver.";
		f->locations[f->n_locations++] =
			(struct ds_loc){.input = files[i % DS_ARRAY_SIZE(files)], .line = (uint32_t)i + 1, .column = 7,
					.length = 12, .flag = "--service-cluster-ip-range"};
	}
	if (n) /* sorting no array at all is undefined */
		qsort(c->findings.v.v, c->findings.v.n, sizeof(c->findings.v.v[0]), by_severity);
}

static int write_report(const struct ds_report *r, const char *name)
{
	const struct ds_format *f = ds_format_find(ds_str_from(name));
	struct ds_text_options o = {.width = 100, .verbose = 1};
	struct ds_out out;

	if (!f)
		return strcmp(name, "none") != 0;
	ds_out_init(&out, STDOUT_FILENO);
	f->write(r, &o, &out);
	return ds_out_close(&out) < 0;
}

int main(int argc, char **argv)
{
	static struct ds_facts facts;
	struct ds_report r = {.ctx = &ctx, .facts = &facts};
	size_t n;
	const struct ds_format *formats = ds_formats(&n);
	int status = 0;

	if (argc < 2 || ds_ctx_init(&ctx, 0) < 0)
		return 2;
	facts.ctx = &ctx;
	if (strcmp(argv[1], "formats") == 0) {
		for (size_t i = 0; i < n; i++)
			(void)puts(formats[i].name);
	} else if (strcmp(argv[1], "attacks") == 0) {
		for (size_t i = 0; i < N_ATTACKS; i++) {
			for (const char *p = attack(i); *p; p++)
				(void)printf("%02x", (unsigned char)*p);
			(void)puts("");
		}
	} else if (argc == 3) {
		if (strcmp(argv[2], "hostile") == 0)
			build_hostile(&r);
		else
			build_many(&r, strtoul(argv[2], NULL, 10));
		status = write_report(&r, argv[1]);
	}
	ds_ctx_done(&ctx);
	return status;
}
