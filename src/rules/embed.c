/*
 * A build tool: turns the rule files into one C file, so that the command
 * needs nothing beside itself. Usage: embed OUTPUT.c FILE...
 */
#include <stdio.h>
#include <string.h>

static int embed(FILE *out, const char *path, int index)
{
	FILE *in = fopen(path, "rb");
	int c, column = 0;

	if (!in) {
		perror(path);
		return -1;
	}
	(void)fprintf(out, "static const unsigned char file_%d[] = {\n", index);
	while ((c = getc(in)) != EOF)
		(void)fprintf(out, "%d,%s", c, ++column % 24 ? "" : "\n");
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
		if (embed(out, argv[i], i) != 0)
			return 1;
	(void)fprintf(out, "const struct ds_embedded_file ds_embedded_rules[] = {\n");
	for (int i = 2; i < argc; i++) {
		const char *base = strrchr(argv[i], '/');

		(void)fprintf(out, "{\"rules/%s\", file_%d, sizeof(file_%d) - 1},\n", base ? base + 1 : argv[i], i, i);
	}
	(void)fprintf(out, "{0}};\nconst size_t ds_embedded_rules_count = %d;\n", argc - 2);
	return ferror(out) | fclose(out) ? 1 : 0;
}
