/*
 * A build tool: turns the rule files into one C file, so that the command
 * needs nothing beside itself. Usage: embed OUTPUT.c FILE...
 *
 * Each file is embedded twice: as it is, for showing and testing rules, and
 * as JSON without the tests, for every audit: reading that costs a tenth.
 * All scalars of the latter are strings, which is what every field but the
 * tests takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 32

struct writer {
	FILE *out;
	int column;
};

static void put_byte(struct writer *w, int c)
{
	(void)fprintf(w->out, "%d,%s", c, ++w->column % 24 ? "" : "\n");
}

static void put_text(struct writer *w, const char *z)
{
	for (; *z; z++)
		put_byte(w, (unsigned char)*z);
}

static void put_string(struct writer *w, const unsigned char *p, size_t n)
{
	put_byte(w, '"');
	for (size_t i = 0; i < n; i++) {
		char escape[8];

		if (p[i] == '"' || p[i] == '\\') {
			put_byte(w, '\\');
			put_byte(w, p[i]);
		} else if (p[i] < ' ') {
			(void)snprintf(escape, sizeof(escape), "\\u%04x", p[i]);
			put_text(w, escape);
		} else {
			put_byte(w, p[i]);
		}
	}
	put_byte(w, '"');
}

/* Where the events stand: one level a collection. */
struct level {
	int mapping; /* else a sequence */
	int n;       /* nodes seen */
};

struct state {
	struct level stack[MAX_DEPTH];
	int depth;
	int skipping; /* depth at which a skipped value began, or 0 */
	int skip_next;
};

/* What stands before a node: a comma or a colon. Keys and values alternate. */
static void lead(struct writer *w, struct state *s)
{
	struct level *l = &s->stack[s->depth];

	if (s->depth == 0)
		return;
	if (l->mapping && l->n % 2)
		put_byte(w, ':');
	else if (l->n)
		put_byte(w, ',');
}

static int is_tests_key(const struct state *s, const yaml_event_t *e)
{
	/* A rule is a mapping in the sequence that the file is. */
	return s->depth == 2 && s->stack[2].mapping && s->stack[2].n % 2 == 0 &&
	       strcmp((const char *)e->data.scalar.value, "tests") == 0;
}

static int on_scalar(struct writer *w, struct state *s, const yaml_event_t *e)
{
	if (s->skipping)
		return 0;
	if (is_tests_key(s, e)) {
		s->skip_next = 1;
		return 0;
	}
	lead(w, s);
	put_string(w, e->data.scalar.value, e->data.scalar.length);
	s->stack[s->depth].n++;
	return 0;
}

static int on_open(struct writer *w, struct state *s, int mapping)
{
	if (s->depth + 1 >= MAX_DEPTH)
		return -1;
	if (s->skip_next) {
		s->skip_next = 0;
		s->skipping = s->depth + 1;
	}
	if (!s->skipping) {
		lead(w, s);
		put_byte(w, mapping ? '{' : '[');
		s->stack[s->depth].n++;
	}
	s->stack[++s->depth] = (struct level){mapping, 0};
	return 0;
}

static int on_close(struct writer *w, struct state *s)
{
	if (s->skipping == s->depth)
		s->skipping = 0;
	else if (!s->skipping)
		put_byte(w, s->stack[s->depth].mapping ? '}' : ']');
	s->depth--;
	return 0;
}

static int on_event(struct writer *w, struct state *s, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(w, s, e);
	case YAML_MAPPING_START_EVENT:
		return on_open(w, s, 1);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(w, s, 0);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return on_close(w, s);
	case YAML_ALIAS_EVENT:
		(void)fprintf(stderr, "rule files have no aliases\n");
		return -1;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

static int embed_lean(FILE *out, const char *path, int index)
{
	struct writer w = {out, 0};
	struct state s = {.depth = 0};
	yaml_parser_t parser;
	FILE *in = fopen(path, "rb");
	int done = 0, r = 0;

	if (!in || !yaml_parser_initialize(&parser)) {
		perror(path);
		return -1;
	}
	yaml_parser_set_input_file(&parser, in);
	(void)fprintf(out, "static const unsigned char lean_%d[] = {\n", index);
	while (!done && r == 0) {
		yaml_event_t e;

		if (!yaml_parser_parse(&parser, &e)) {
			(void)fprintf(stderr, "%s:%lu: %s\n", path, (unsigned long)parser.problem_mark.line + 1, parser.problem);
			r = -1;
			break;
		}
		r = on_event(&w, &s, &e);
		done = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	(void)fprintf(out, "0};\n");
	yaml_parser_delete(&parser);
	(void)fclose(in);
	return r;
}

static int embed_whole(FILE *out, const char *path, int index)
{
	struct writer w = {out, 0};
	FILE *in = fopen(path, "rb");
	int c;

	if (!in) {
		perror(path);
		return -1;
	}
	(void)fprintf(out, "static const unsigned char file_%d[] = {\n", index);
	while ((c = getc(in)) != EOF)
		put_byte(&w, c);
	(void)fprintf(out, "0};\n");
	return fclose(in);
}

int main(int argc, char **argv)
{
	FILE *out = argc > 1 ? fopen(argv[1], "wb") : NULL;

	if (!out) {
		(void)fprintf(stderr, "usage: embed OUTPUT.c FILE...\n");
		return 1;
	}
	(void)fprintf(out, "#include \"rules/rule.h\"\n");
	for (int i = 2; i < argc; i++)
		if (embed_whole(out, argv[i], i) != 0 || embed_lean(out, argv[i], i) != 0)
			return 1;
	(void)fprintf(out, "const struct ds_embedded_file ds_embedded_rules[] = {\n");
	for (int i = 2; i < argc; i++) {
		const char *base = strrchr(argv[i], '/');

		(void)fprintf(out, "{\"rules/%s\", file_%d, sizeof(file_%d) - 1, lean_%d, sizeof(lean_%d) - 1},\n",
			      base ? base + 1 : argv[i], i, i, i, i);
	}
	(void)fprintf(out, "{0}};\nconst size_t ds_embedded_rules_count = %d;\n", argc - 2);
	return ferror(out) | fclose(out) ? 1 : 0;
}
