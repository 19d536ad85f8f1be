#include "kube/component.h"

#include "kube/shell.h"
#include "kube/version.h"

static const char *const names[] = {
	[DS_KUBE_APISERVER] = "kube-apiserver",
	[DS_KUBE_CONTROLLER_MANAGER] = "kube-controller-manager",
	[DS_KUBE_PROXY] = "kube-proxy",
	[DS_KUBELET] = "kubelet",
	[DS_KUBEADM] = "kubeadm",
	[DS_KUBE_SCHEDULER] = "kube-scheduler",
	[DS_ETCD] = "etcd",
	[DS_CLOUD_CONTROLLER_MANAGER] = "cloud-controller-manager",
	[DS_K3S] = "k3s",
	[DS_KUBELITE] = "kubelite",
	[DS_K0S] = "k0s",
};
_Static_assert(DS_ARRAY_SIZE(names) == DS_COMPONENT__COUNT, "a component has no name");

/*
 * Programs by the base name of what is executed. A name may carry a version or
 * a platform ("kube-apiserver-v1.30", "kubelet-linux-amd64", "kubelet.exe").
 * Nothing else may follow: kube-apiserver.bak, kube-apiserver-wrapper and
 * kubelet-config-generator are other programs or cannot be told. kubeadm is
 * absent: a kubeadm process is a command, its configuration file is audited.
 */
static const struct program {
	const char *name;
	enum ds_component component;
	const char *subcommands; /* it is the component only with one of these as first word */
} programs[] = {
	{"kube-apiserver",           DS_KUBE_APISERVER,           NULL               },
	{"kube-controller-manager",  DS_KUBE_CONTROLLER_MANAGER,  NULL               },
	{"kube-proxy",               DS_KUBE_PROXY,               NULL               },
	{"kubelet",                  DS_KUBELET,                  NULL               },
	{"kube-scheduler",           DS_KUBE_SCHEDULER,           NULL               },
	{"etcd",                     DS_ETCD,                     NULL               },
	{"cloud-controller-manager", DS_CLOUD_CONTROLLER_MANAGER, NULL               },
	{"k3s-server",               DS_K3S,                      NULL               },
	{"k3s-agent",                DS_K3S,                      NULL               },
	{"k3s",                      DS_K3S,                      "server agent"     }, /* not `k3s kubectl` */
	{"rke2",                     DS_K3S,                      "server agent"     },
	{"kubelite",                 DS_KUBELITE,                 NULL               }, /* MicroK8s */
	{"k0s",                      DS_K0S,                      "controller worker"}, /* not `k0s status` */
};

/* Multi-call binaries: the word after them (or argv[0]'s own name) says which component. */
static const struct {
	const char *word;
	enum ds_component component;
} hyperkube[] = {
	{"apiserver",                DS_KUBE_APISERVER          },
	{"kube-apiserver",           DS_KUBE_APISERVER          },
	{"controller-manager",       DS_KUBE_CONTROLLER_MANAGER },
	{"kube-controller-manager",  DS_KUBE_CONTROLLER_MANAGER },
	{"proxy",                    DS_KUBE_PROXY              },
	{"kube-proxy",               DS_KUBE_PROXY              },
	{"kubelet",                  DS_KUBELET                 },
	{"scheduler",                DS_KUBE_SCHEDULER          },
	{"kube-scheduler",           DS_KUBE_SCHEDULER          },
	{"cloud-controller-manager", DS_CLOUD_CONTROLLER_MANAGER},
};

/*
 * Programs that only start another one, given in their own argument list. What
 * is not listed executes something we cannot see (`python foo.py`, a script) or
 * nothing of the kind (grep, vim, tail, journalctl, kubectl, snapfuse,
 * containerd-shim, crictl): its arguments are never looked at.
 */
static const struct wrapper {
	const char *name;
	const char *shorts;  /* short options that take a value */
	const char *longs;   /* long options that take the next word as value, blank-separated */
	unsigned positionals; /* words of its own before the program */
	bool assignments;    /* NAME=VALUE words come before the program */
	bool dashdash;       /* the program follows "--" only */
	bool single_dash;    /* Go's flag package: -name and --name are the same */
} wrappers[] = {
	{"catatonit",          "",        "",                                      0, false, false, false},
	{"chroot",             "",        "groups userspec",                       1, false, false, false},
	{"chrt",               "TPD",     "sched-runtime sched-period sched-deadline", 1, false, false, false},
	{"command",            "",        "",                                      0, false, false, false},
	{"docker-init",        "pe",      "",                                      0, false, false, false},
	{"dumb-init",          "r",       "rewrite",                               0, false, false, false},
	{"env",                "uC",      "unset chdir",                           0, true,  false, false},
	{"exec",               "a",       "",                                      0, false, false, false},
	{"flock",              "wE",      "timeout wait conflict-exit-code",       1, false, false, false},
	{"go-runner",          "",        "log-file",                              0, false, false, true },
	{"gosu",               "",        "",                                      1, false, false, false},
	{"ionice",             "cnpPu",   "class classdata pid pgid uid",          0, false, false, false},
	{"kube-log-runner",    "",        "log-file flush-interval log-file-size log-file-age", 0, false, false, true},
	{"log-runner",         "",        "log-file flush-interval log-file-size log-file-age", 0, false, false, true},
	{"nice",               "n",       "adjustment",                            0, false, false, false},
	{"nohup",              "",        "",                                      0, false, false, false},
	{"nsenter",            "tSG",     "target setuid setgid",                  0, false, false, false},
	{"numactl",            "iNCmplPw", "interleave cpunodebind physcpubind membind preferred", 0, false, false,
	 false},
	{"setpriv",            "",        "reuid regid groups inh-caps bounding-set ambient-caps securebits", 0, false,
	 false, false},
	{"setsid",             "",        "",                                      0, false, false, false},
	{"stdbuf",             "ioe",     "input output error",                    0, false, false, false},
	{"strace",             "eoOpsSuaEIbPX", "",                                0, false, false, false},
	{"su-exec",            "",        "",                                      1, false, false, false},
	{"sudo",               "ugpCDhRrTtU", "user group prompt close-from chdir host chroot role type", 0, true,
	 false, false},
	{"systemd-cat",        "tp",      "identifier priority",                   0, false, false, false},
	{"taskset",            "",        "",                                      1, false, false, false},
	{"time",               "fo",      "format output",                         0, false, false, false},
	{"timeout",            "ks",      "kill-after signal",                     1, false, false, false},
	{"tini",               "pe",      "",                                      0, false, false, false},
	{"tini-static",        "pe",      "",                                      0, false, false, false},
	{"unshare",            "SGRw",    "setuid setgid root wd",                 0, false, false, false},
	{"watch-termination",  "",        "",                                      0, false, true,  true }, /* OCP */
};

static const char *const shells[] = {"ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"};
static const char *const multicalls[] = {"busybox", "busybox.static", "toybox"};

/* Words that may stand before the program of a simple command. */
static const char *const reserved[] = {"!", "do", "elif", "else", "if", "then", "time", "until", "while", "{"};

#define SHELL_DEPTH 3u  /* `sh -c "sh -c …"`: nobody nests deeper */
#define SHELL_WORDS 64u /* words of a simple command looked at: wrappers end long before */
#define WRAPPERS 8u     /* `sudo nice env tini -- …` */

static bool in_list(struct ds_str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(s, list[i]))
			return true;
	return false;
}

static bool in_words(struct ds_str s, const char *words)
{
	struct ds_str rest = ds_str_from(words), word;
	bool done = false;

	while (ds_str_split(&rest, ' ', &done, &word))
		if (word.n && ds_str_eq(word, s))
			return true;
	return false;
}

/* ".kubelet-wrapped" is how NixOS names a wrapped kubelet; " (deleted)" is the kernel's note. */
static struct ds_str program_name(struct ds_str path)
{
	struct ds_str s = path;

	if (ds_str_ends(s, " (deleted)"))
		s = ds_str_head(s, s.n - sizeof(" (deleted)") + 1);
	s = ds_str_basename(s);
	for (size_t i = s.n; i > 0; i--) /* Windows */
		if (s.p[i - 1] == '\\') {
			s = ds_str_skip(s, i);
			break;
		}
	if (ds_str_ends(s, ".exe"))
		s = ds_str_head(s, s.n - 4);
	if (ds_str_starts(s, ".") && ds_str_ends(s, "-wrapped"))
		s = ds_str_head(ds_str_skip(s, 1), s.n - 1 - 8);
	return s;
}

/* Whether what follows a program's name is only versions and platforms: "", "-v1.30", "-linux-amd64". */
static bool is_plain_suffix(struct ds_str s)
{
	static const char *const platforms[] = {"linux", "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"};
	struct ds_kube_version v;
	struct ds_str part;
	bool done = false;

	if (s.n == 0)
		return true;
	if (s.p[0] != '-' && s.p[0] != '_')
		return false;
	s = ds_str_skip(s, 1);
	if (ds_kube_version_parse(s, &v) == 0)
		return v.major == 1;
	while (ds_str_split(&s, '-', &done, &part)) {
		if (in_list(part, platforms, DS_ARRAY_SIZE(platforms)))
			continue;
		/* A version may hold '-': it takes all the rest. */
		return ds_kube_version_parse(done ? part : ds_str_n(part.p, part.n + 1 + s.n), &v) == 0 && v.major == 1;
	}
	return true;
}

static bool is_program(struct ds_str name, const char *program)
{
	return ds_str_starts(name, program) && is_plain_suffix(ds_str_skip(name, strlen(program)));
}

static const struct program *find_program(struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(programs); i++)
		if (is_program(name, programs[i].name))
			return &programs[i];
	return NULL;
}

static enum ds_component find_hyperkube(struct ds_str word)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(hyperkube); i++)
		if (ds_str_eqz(word, hyperkube[i].word))
			return hyperkube[i].component;
	return DS_COMPONENT_NONE;
}

static const struct wrapper *find_wrapper(struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(wrappers); i++)
		if (ds_str_eqz(name, wrappers[i].name))
			return &wrappers[i];
	return NULL;
}

static bool is_assignment(struct ds_str w)
{
	size_t eq = ds_str_find(w, '=');

	if (eq == w.n || eq == 0 || ds_c_is_digit(w.p[0]))
		return false;
	for (size_t i = 0; i < eq; i++)
		if (!ds_c_is_alnum(w.p[i]) && w.p[i] != '_')
			return false;
	return true;
}

/* How many words the option at argv[i] takes: 1, or 2 with its value. */
static size_t option_words(const struct wrapper *w, struct ds_str word)
{
	bool is_long = ds_str_starts(word, "--");

	if (is_long || w->single_dash)
		return ds_str_find(word, '=') == word.n && in_words(ds_str_skip(word, is_long ? 2 : 1), w->longs)
			       ? 2
			       : 1;
	for (size_t i = 1; i < word.n; i++)
		if (ds_str_find(ds_str_from(w->shorts), word.p[i]) < strlen(w->shorts))
			return i + 1 == word.n ? 2 : 1; /* the rest of the word is the value */
	return 1;
}

/* The index of the program that the wrapper at argv[i] starts; n when there is none. */
static size_t skip_wrapper(const struct wrapper *w, const struct ds_str *argv, size_t n, size_t i)
{
	unsigned own = w->positionals;

	for (i++; i < n; i++) {
		if (ds_str_eqz(argv[i], "--"))
			return DS_MIN(i + 1 + own, n);
		if (argv[i].n > 1 && argv[i].p[0] == '-')
			i += option_words(w, argv[i]) - 1;
		else if (w->assignments && is_assignment(argv[i]))
			continue;
		else if (!w->dashdash && own-- == 0)
			return i;
	}
	return n;
}

/* The index of the text of the shell at argv[i] (`bash -euo pipefail -c TEXT`), or n. */
static size_t shell_text(const struct ds_str *argv, size_t n, size_t i)
{
	bool command = false;

	for (i++; i < n; i++) {
		struct ds_str w = argv[i];

		if (w.n < 2 || (w.p[0] != '-' && w.p[0] != '+'))
			break;
		if (ds_str_eqz(w, "--")) {
			i++;
			break;
		}
		if (w.p[1] == '-') {
			i += ds_str_eqz(w, "--rcfile") || ds_str_eqz(w, "--init-file");
			continue;
		}
		command |= w.p[0] == '-' && ds_str_find(w, 'c') < w.n;
		if (w.p[w.n - 1] == 'o' || w.p[w.n - 1] == 'O')
			i++;
	}
	return command ? DS_MIN(i, n) : n;
}

static enum ds_component recognise(const struct ds_str *argv, size_t n, struct ds_str exe, unsigned depth,
				   size_t *ret_skip, struct ds_str *ret_shell);

/* The words of the simple command at scan, as far as they can be read without unquoting. */
static size_t command_words(struct ds_shell_scan *scan, struct ds_str words[static SHELL_WORDS],
			    struct ds_str raws[static SHELL_WORDS], bool *ret_end)
{
	size_t n = 0;
	bool target = false;

	for (;;) {
		struct ds_str raw;
		enum ds_shell_token t = ds_shell_next(scan, &raw);

		*ret_end = t == DS_SHELL_END;
		if (t == DS_SHELL_END || t == DS_SHELL_SEPARATOR)
			return n;
		if (t == DS_SHELL_WORD && !target && n < SHELL_WORDS) {
			raws[n] = raw;
			words[n++] = ds_shell_plain(raw);
		}
		target = t == DS_SHELL_REDIRECT;
	}
}

/*
 * What a shell's command line starts: an exec'ed component, else the last one
 * (`kube-proxy --cleanup; kube-proxy …`). *ret_start is the byte where the
 * component's own words begin.
 */
static enum ds_component recognise_text(struct ds_str text, unsigned depth, size_t *ret_start)
{
	struct ds_shell_scan scan = {text, 0};
	enum ds_component found = DS_COMPONENT_NONE;
	bool end = false, exec = false;

	while (!end) {
		struct ds_str words[SHELL_WORDS], raws[SHELL_WORDS], inner;
		size_t n = command_words(&scan, words, raws, &end), first = 0, skip;
		enum ds_component c;

		while (first < n && (is_assignment(words[first]) ||
				     in_list(words[first], reserved, DS_ARRAY_SIZE(reserved))))
			first++;
		c = recognise(words + first, n - first, DS_STR(""), depth, &skip, &inner);
		/* A shell inside the shell: its text cannot be pointed to from here when it is quoted twice. */
		if (c == DS_COMPONENT_NONE || exec)
			continue;
		exec = ds_str_eqz(words[first], "exec");
		found = c;
		*ret_start = (size_t)((inner.n ? inner.p : raws[first + skip].p) - text.p);
	}
	return found;
}

static enum ds_component recognise_shell(const struct ds_str *argv, size_t n, size_t i, unsigned depth,
					 size_t *ret_skip, struct ds_str *ret_shell)
{
	size_t text = shell_text(argv, n, i), start = 0;
	enum ds_component c;

	if (text >= n || depth == 0)
		return DS_COMPONENT_NONE;
	c = recognise_text(argv[text], depth - 1, &start);
	if (c == DS_COMPONENT_NONE)
		return c;
	*ret_skip = text;
	*ret_shell = ds_str_skip(argv[text], start);
	return c;
}

/* k3s and RKE2 overwrite argv with a title: one string "/usr/local/bin/k3s server". */
static enum ds_component recognise_title(struct ds_str title)
{
	size_t blank = ds_str_find(title, ' ');
	const struct program *p = find_program(program_name(ds_str_head(title, blank)));
	struct ds_str word = ds_str_skip(title, blank + 1);

	word = ds_str_head(word, ds_str_find(word, ' '));
	return p && p->subcommands && in_words(word, p->subcommands) ? p->component : DS_COMPONENT_NONE;
}

static enum ds_component recognise_program(const struct program *p, const struct ds_str *argv, size_t n, size_t i,
					   size_t *ret_skip)
{
	*ret_skip = i;
	if (!p->subcommands)
		return p->component;
	for (i++; i < n; i++) {
		if (in_words(argv[i], p->subcommands)) {
			*ret_skip = i;
			return p->component;
		}
		if (argv[i].n == 0 || argv[i].p[0] != '-')
			break;
	}
	return DS_COMPONENT_NONE;
}

static enum ds_component recognise(const struct ds_str *argv, size_t n, struct ds_str exe, unsigned depth,
				   size_t *ret_skip, struct ds_str *ret_shell)
{
	size_t i = 0;

	*ret_shell = DS_STR("");
	*ret_skip = 0;
	for (unsigned hops = 0; i < n && hops < WRAPPERS; hops++) {
		bool by_exe = i == 0 && exe.n > 0;
		/* A login shell's argv[0] begins with '-'. */
		struct ds_str arg0 = program_name(i == 0 && ds_str_starts(argv[0], "-") ? ds_str_skip(argv[0], 1)
											  : argv[i]);
		struct ds_str name = by_exe ? program_name(exe) : arg0;
		const struct program *p;
		const struct wrapper *w;

		if (in_list(name, multicalls, DS_ARRAY_SIZE(multicalls))) {
			/* `busybox sh -c …`, or a link named after the applet. */
			if (in_list(arg0, multicalls, DS_ARRAY_SIZE(multicalls))) {
				i++;
				continue;
			}
			name = arg0;
		}
		p = find_program(name);
		if (p && p->subcommands && ds_str_find(argv[i], ' ') < argv[i].n) {
			*ret_skip = i;
			return recognise_title(argv[i]);
		}
		if (p)
			return recognise_program(p, argv, n, i, ret_skip);
		if (is_program(name, "hyperkube")) {
			if (find_hyperkube(arg0) == DS_COMPONENT_NONE)
				i++;
			*ret_skip = i;
			return i < n ? find_hyperkube(i ? argv[i] : arg0) : DS_COMPONENT_NONE;
		}
		if (in_list(name, shells, DS_ARRAY_SIZE(shells)))
			return recognise_shell(argv, n, i, depth, ret_skip, ret_shell);
		w = find_wrapper(name);
		if (!w)
			break;
		i = skip_wrapper(w, argv, n, i);
	}
	return DS_COMPONENT_NONE;
}

enum ds_component ds_component_recognise(const struct ds_str *argv, size_t n, struct ds_str exe, size_t *ret_skip,
					 struct ds_str *ret_shell)
{
	enum ds_component c;

	/* A title's name is only its first word. */
	if (n >= 1 && exe.n == 0 && ds_str_find(argv[0], ' ') < argv[0].n) {
		c = recognise_title(argv[0]);
		if (c != DS_COMPONENT_NONE) {
			*ret_skip = 0;
			*ret_shell = DS_STR("");
			return c;
		}
	}
	c = recognise(argv, n, exe, SHELL_DEPTH, ret_skip, ret_shell);
	if (c == DS_COMPONENT_NONE) {
		*ret_skip = 0;
		*ret_shell = DS_STR("");
	}
	return c;
}

const char *ds_component_name(enum ds_component c)
{
	return c >= 0 && c < DS_COMPONENT__COUNT ? names[c] : "";
}

enum ds_component ds_component_from_name(struct ds_str name)
{
	for (int i = 0; i < DS_COMPONENT__COUNT; i++)
		if (ds_str_eqz(name, names[i]))
			return (enum ds_component)i;
	return DS_COMPONENT_NONE;
}

bool ds_component_is_audited(enum ds_component c)
{
	return c >= DS_KUBE_APISERVER && c <= DS_KUBELET;
}
