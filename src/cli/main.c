#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/options.h"

/* Standard output may be a full disk or a closed pipe: then nothing above is true. */
static int close_stdout(const struct ds_cli *c, int status)
{
	bool failed = ferror(stdout) != 0, pending = __fpending(stdout) > 0;
	bool closed = fclose(stdout) == 0;

	if (status == DS_EXIT_INTERNAL) /* somebody has said what is wrong */
		return status;
	/* Who closed it and has every report in a file misses nothing. */
	if (failed || (!closed && (pending || errno != EBADF)))
		return ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(errno));
	return status;
}

/* kubectl finds `kubectl-dualstack` for `kubectl dualstack`: a dash separates words, an underscore is a dash. */
static const char *program_name(const char *path, char buf[static 64])
{
	struct ds_str name = ds_str_basename(ds_str_from(path));

	if (!ds_str_starts(name, "kubectl-") || name.n >= 64)
		return "dsaudit";
	for (size_t i = 0; i <= name.n; i++)
		buf[i] = (char)(i == name.n ? '\0' : name.p[i] == '-' ? ' ' : name.p[i] == '_' ? '-' : name.p[i]);
	return buf;
}

/* A first word that is neither a command nor a file, but nearly a command: "dsaudit preveiw". */
static const char *misspelt(const char *word)
{
	return word[0] != '-' && !strpbrk(word, "./") && access(word, F_OK) < 0 ? ds_command_nearest(word) : NULL;
}

int main(int argc, char **argv)
{
	char program[64];
	struct ds_cli c = {.program = program_name(argc > 0 ? argv[0] : "", program), .fail_on = "error"};
	const struct ds_command *cmd = argc > 1 ? ds_command_find(argv[1]) : NULL;
	const char *meant = argc > 1 && !cmd ? misspelt(argv[1]) : NULL;
	int skip = cmd ? 2 : 1, r;

	/* A report beyond `ulimit -f` is one that could not be written whole: an error to report, no reason to die. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return ds_cli_help(&c, NULL);
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return ds_cmd_version(&c);
	if (meant)
		return ds_cli_error(&c, DS_EXIT_USAGE, "there is no command '%s', and no file; did you mean %s?", argv[1], meant);
	c.command = cmd ? cmd : ds_commands[0];
	r = argc > skip ? ds_options_parse(&c, c.command, argc - skip, argv + skip) : 0;
	if (r == 1)
		return ds_cli_help(&c, c.command);
	if (r != 0)
		return r;
	return close_stdout(&c, c.command->run(&c));
}
