#ifndef TESTS_VECTORS_REPLAY_H
#define TESTS_VECTORS_REPLAY_H

/* What the replays of recorded flags share: files of JSON lines, figures, options. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum replay_outcome {
	REPLAY_AGREE,
	REPLAY_DISAGREE,
	REPLAY_NO_ANSWER, /* recorded of a build that differs here from Kubernetes: counted apart */
};

/* Judges one line; show: print what differs. */
typedef enum replay_outcome (*replay_line_fn)(const char *file, size_t number, struct ds_str line, bool show);

#define REPLAY_SHOWN_PER_FILE 10

static inline char *replay_read(const char *path, size_t *ret_n)
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

/* False when something disagrees, or nothing was there to be replayed. */
static inline bool replay_file(const char *path, bool verbose, replay_line_fn judge)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t n = 0, number = 0, counts[3] = {0};
	char *text = replay_read(path, &n);
	struct ds_str rest = {text, n}, line;
	bool done = false;

	if (!text) {
		perror(path);
		return false;
	}
	while (ds_str_split(&rest, '\n', &done, &line)) {
		number++;
		if (line.n)
			counts[judge(name, number, line, verbose || counts[REPLAY_DISAGREE] < REPLAY_SHOWN_PER_FILE)]++;
	}
	free(text);
	(void)printf("%s: %zu of %zu agree", name, counts[REPLAY_AGREE], counts[REPLAY_AGREE] + counts[REPLAY_DISAGREE]);
	if (counts[REPLAY_NO_ANSWER])
		(void)printf(", %zu where the recorded build differs from Kubernetes", counts[REPLAY_NO_ANSWER]);
	(void)printf("\n");
	return counts[REPLAY_AGREE] > 0 && counts[REPLAY_DISAGREE] == 0;
}

/* main of a replay: [-v] FILE.jsonl…, and the files called `names` in the folder that DS_VECTORS names. */
static inline int replay_main(int argc, char **argv, const char *const *names, size_t n_names, replay_line_fn judge)
{
	const char *folder = getenv("DS_VECTORS");
	bool verbose = false, ok = true;
	int files = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
			continue;
		}
		files++;
		ok &= replay_file(argv[i], verbose, judge);
	}
	for (size_t i = 0; folder && i < n_names; i++) {
		char path[4096];

		files++;
		ok &= snprintf(path, sizeof(path), "%s/%s", folder, names[i]) < (int)sizeof(path) &&
		      replay_file(path, verbose, judge);
	}
	return !ok || files == 0;
}

#endif
