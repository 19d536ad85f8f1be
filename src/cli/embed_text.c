/*
 * A build tool: turns a text file into a C string. Usage: embed_text NAME INPUT OUTPUT.c
 */
#include <stdio.h>

int main(int argc, char **argv)
{
	FILE *in, *out;
	int c, n = 0, failed;

	if (argc != 4)
		return 2;
	in = fopen(argv[2], "rb");
	out = in ? fopen(argv[3], "wb") : NULL;
	if (!out) {
		perror(in ? argv[3] : argv[2]);
		return 1;
	}
	(void)fprintf(out, "extern const char %s[];\nconst char %s[] = {\n", argv[1], argv[1]);
	while ((c = getc(in)) != EOF)
		(void)fprintf(out, "%d,%s", c, ++n % 24 ? "" : "\n");
	(void)fprintf(out, "0};\n");
	failed = ferror(in) || ferror(out);
	if (fclose(out) != 0 || failed) {
		perror(argv[3]);
		return 1;
	}
	return fclose(in) != 0;
}
