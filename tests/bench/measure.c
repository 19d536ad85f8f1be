/*
 * Runs a command and prints wall seconds, CPU seconds, peak KiB and exit
 * status. A program of its own because a child's peak memory includes that of
 * the process it was forked from.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2 || clock_gettime(CLOCK_MONOTONIC, &start) < 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
			_exit(127);
		(void)execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || clock_gettime(CLOCK_MONOTONIC, &end) < 0)
		return 1;
	(void)printf("%.6f %.6f %ld %d\n",
		     (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
		     seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
		     WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
