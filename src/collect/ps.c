#include "collect/ps.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/utf8.h"
#include "collect/host/hosts.h"
#include "collect/observe.h"
#include "collect/ps_line.h"
#include "collect/ps_stray.h"
#include "net/ip.h"

/*
 * Listings as people paste them: `ps -ef`, `ps aux`, `ps axf`, `ps -eo …`,
 * busybox, with prompts, headers or nothing around them, wrapped or cut by a
 * terminal. ps joins arguments with blanks, so where they end is a guess.
 */

/* A listing narrower than this was not cut by a terminal. */
#define NARROWEST 60
/* Lines that detection looks at: a listing shows itself early. */
#define DETECT_LINES 20000
/* Of a component's name this much tells which one it is: "kube-a". */
#define SHORTEST_HALF 6
#define LONGEST_SCRIPT ((size_t)64 << 10)
/* Columns of the terminals that everybody has had. */
/* TASK_COMM_LEN without its end: what ps -A shows of a process. */
#define KERNEL_NAME 15u

static const size_t terminal_widths[] = {80, 132};

/* A piece of a physical line. */
struct segment {
	size_t start, end; /* bytes in the text */
	uint32_t line, column;
	size_t width; /* code points of the whole physical line */
	size_t at;    /* byte offset in the joined command */
	bool indented;    /* blanks stood in front */
	bool flush_right; /* none at the end of its line */
	bool backslash; /* ended in one: the shell's way to continue a line */
};

struct listing {
	struct ds_ps_layout layout; /* of its header; n = 0: none */
	bool has_arguments; /* some command has arguments: it is not a list of names */
	size_t max_width;
	struct ds_str widest;   /* the command of one line of that width */
	bool widest_differ;     /* another program has a line of just that width */
	uint32_t machine;       /* listings of one machine, see assign_machines */
};

/* A component's line. */
struct found {
	int32_t pid, ppid;
	struct ds_str command; /* joined */
	struct segment *segments;
	size_t n_segments;
	size_t listing;
	enum ds_component component;
	bool duplicate;
	bool cut; /* by a column behind the command */
	int32_t init; /* pid of its host's init; 0 = unknown */
};

/* A machine that some of the listings show. */
struct machine {
	unsigned components; /* bits: what its listings showed */
	int32_t init;        /* of the first component whose init is known */
	bool several;        /* components below different inits */
};

struct parser {
	struct ds_facts *f;
	const struct ds_input *input;
	struct ds_str text;
	DS_VEC(struct listing) listings;
	DS_VEC(struct found) found;
	DS_VEC(struct ds_ancestor) ancestors;
	DS_VEC(struct machine) machines;
	DS_VEC(struct segment) pending; /* segments of the line being put together */
	DS_VEC(struct ds_arg) words;
	struct ds_ps_fields fields; /* of the pending line */
	bool has_pending;
	bool joinable; /* the previous physical line belongs to it */
};

/* ------------------------------------------------------------- line by line */

static struct listing *current_listing(struct parser *p, bool fresh)
{
	struct listing *l;

	if (!fresh && p->listings.n > 0)
		return &p->listings.v[p->listings.n - 1];
	l = ds_vec_add(p->f->ctx->arena, &p->listings);
	return l;
}

/*
 * A terminal wraps in the middle of words, and components have no flags with one
 * dash and a long name: "kube-controller" and "-manager" are one word.
 */
static bool is_inside_word(const struct parser *p, const struct segment *prev, const struct segment *next)
{
	struct ds_str s = ds_str_n(p->text.p + next->start, next->end - next->start);

	return prev->width >= NARROWEST && prev->flush_right && !next->indented && s.n > 2 && ds_c_is_alnum(s.p[1]) &&
	       ds_c_is_alnum(s.p[2]);
}

/* Whether a blank stood between two segments of a wrapped line. */
static bool blank_between(const struct parser *p, size_t i, bool constant_width)
{
	const struct segment *prev = &p->pending.v[i - 1], *next = &p->pending.v[i];
	char last = prev->end > prev->start ? p->text.p[prev->end - 1] : ' ';
	char first = next->end > next->start ? p->text.p[next->start] : ' ';

	if (first == '-' && is_inside_word(p, prev, next))
		return false;
	if (first == '-' && last != ',' && last != '=' && last != '-')
		return true;
	return p->pending.n > 2 && !constant_width;
}

/* The pending segments as one text; a single one needs no copy. */
static int join(struct parser *p, struct ds_str *ret)
{
	bool constant = true;
	size_t n = 0;
	char *out;

	p->pending.v[0].at = 0;
	if (p->pending.n == 1) {
		*ret = ds_str_n(p->text.p + p->pending.v[0].start, p->pending.v[0].end - p->pending.v[0].start);
		return 0;
	}
	for (size_t i = 0; i < p->pending.n; i++) {
		n += p->pending.v[i].end - p->pending.v[i].start + 1;
		if (i + 1 < p->pending.n && p->pending.v[i].width != p->pending.v[0].width)
			constant = false;
	}
	out = ds_arena_alloc(p->f->ctx->arena, n + 1);
	if (!out)
		return DS_ENOMEM;
	n = 0;
	for (size_t i = 0; i < p->pending.n; i++) {
		struct segment *s = &p->pending.v[i];
		size_t len = s->end - s->start;

		if (i > 0 && (p->pending.v[i - 1].backslash || blank_between(p, i, constant)))
			out[n++] = ' ';
		s->at = n;
		memcpy(out + n, p->text.p + s->start, len);
		n += len;
	}
	*ret = ds_str_n(out, n);
	return 0;
}

/* What the widths of its lines tell about a listing. */
static void note_width(struct listing *l, struct ds_str command, size_t width)
{
	size_t a = 0, b = 0;
	struct ds_str first, second;

	if (width > l->max_width) {
		l->max_width = width;
		l->widest = command;
		l->widest_differ = false;
	} else if (width == l->max_width && ds_ps_next_word(l->widest, &a, &first) && ds_ps_next_word(command, &b, &second)) {
		l->widest_differ |= !ds_str_eq(first, second);
	}
}

static int keep(struct parser *p, struct ds_str command, enum ds_component component)
{
	struct ds_arena *a = p->f->ctx->arena;
	struct found *fd = ds_vec_add(a, &p->found);

	if (!fd)
		return DS_ENOMEM;
	fd->pid = p->fields.pid;
	fd->ppid = p->fields.ppid;
	fd->command = command;
	fd->cut = p->fields.cut;
	fd->component = component;
	fd->listing = p->listings.n - 1;
	fd->n_segments = p->pending.n;
	fd->segments = ds_arena_new_array(a, p->pending.n, struct segment);
	if (!fd->segments)
		return DS_ENOMEM;
	memcpy(fd->segments, p->pending.v, p->pending.n * sizeof(*fd->segments));
	return 0;
}

/* The component whose name the kernel keeps only the beginning of: "kube-controller", "cloud-controlle". */
static enum ds_component named_in_part(struct ds_str command)
{
	for (int c = 0; command.n == KERNEL_NAME && c < DS_COMPONENT__COUNT; c++) {
		struct ds_str name = ds_str_from(ds_component_name((enum ds_component)c));

		if (name.n > KERNEL_NAME && ds_str_eq(ds_str_head(name, KERNEL_NAME), command))
			return (enum ds_component)c;
	}
	return DS_COMPONENT_NONE;
}

static int say_half_program(struct parser *p, const struct ds_loc *loc, enum ds_component c)
{
	return ds_diag(p->f->ctx, DS_LEVEL_ERROR, loc, "record it with `ps -efww`, or redirect it to a file",
		       "the command is cut within its name: it is probably %s, of which nothing is known",
		       ds_component_name(c));
}

/* "kube-contr": the line ended in the middle of the program's name. */
static int note_half_program(struct parser *p, struct ds_str command)
{
	const struct segment *s = &p->pending.v[p->pending.n - 1];
	struct ds_loc loc = {.input = p->input, .line = s->line, .column = s->column, .pid = p->fields.pid};
	struct ds_str name = ds_str_basename(command);

	if (name.n < SHORTEST_HALF || ds_str_find(command, ' ') < command.n)
		return 0;
	for (int c = DS_KUBE_APISERVER; c <= DS_KUBELET; c++) {
		struct ds_str whole = ds_str_from(ds_component_name((enum ds_component)c));

		if (!ds_component_is_audited((enum ds_component)c) || name.n >= whole.n || !ds_str_eq(ds_str_head(whole, name.n), name))
			continue;
		loc.length = (uint32_t)ds_utf8_count(command);
		return say_half_program(p, &loc, (enum ds_component)c);
	}
	return 0;
}

/* The pending line is complete. */
static int flush(struct parser *p)
{
	struct listing *l = current_listing(p, false);
	enum ds_component component;
	struct ds_str command;
	int r;

	p->joinable = false;
	if (!p->has_pending)
		return 0;
	p->has_pending = false;
	if (!l)
		return DS_ENOMEM;
	r = join(p, &command);
	if (r < 0)
		return r;
	if (p->pending.n == 1)
		note_width(l, command, p->pending.v[0].width);
	/* A name may hold a blank ("tmux: server"), but is no longer than the kernel keeps. */
	l->has_arguments |= command.n > KERNEL_NAME || ds_str_search(command, DS_STR(" -")) < command.n ||
			    ds_str_starts(command, "[");
	if (p->fields.pid > 0 && p->fields.ppid >= 0) {
		struct ds_ancestor anc = {
			.pid = p->fields.pid,
			.ppid = p->fields.ppid,
			.group = (uint32_t)p->listings.n - 1,
			.is_init = ds_host_is_init(command, p->fields.pid),
		};

		if (ds_vec_push(p->f->ctx->arena, &p->ancestors, anc) < 0)
			return DS_ENOMEM;
	}
	component = ds_ps_component(command);
	if (component == DS_COMPONENT_NONE)
		component = named_in_part(command);
	return component == DS_COMPONENT_NONE ? note_half_program(p, command) : keep(p, command, component);
}

static int add_segment(struct parser *p, size_t start, struct ds_str line, size_t skip, uint32_t number)
{
	size_t end = start + line.n;
	struct segment s = {.line = number, .width = ds_utf8_count(line)};

	start += skip;
	s.flush_right = end > start && !ds_ps_is_blank(p->text.p[end - 1]);
	s.indented = start < end && ds_ps_is_blank(p->text.p[start]);
	while (start < end && ds_ps_is_blank(p->text.p[start]))
		start++;
	/* A prompt that was pasted right behind the last word ends it. */
	end = start + ds_ps_glued_prompt(ds_str_n(p->text.p + start, end - start));
	while (end > start && ds_ps_is_blank(p->text.p[end - 1]))
		end--;
	if (end > start && p->text.p[end - 1] == '\\') {
		s.backslash = true;
		end--;
		while (end > start && ds_ps_is_blank(p->text.p[end - 1]))
			end--;
	}
	p->joinable = true;
	s.start = start;
	s.end = end;
	s.column = 1 + (uint32_t)ds_utf8_count(ds_str_n(line.p, (size_t)(p->text.p + start - line.p)));
	return ds_vec_push(p->f->ctx->arena, &p->pending, s);
}

/* `ps -eo pid,comm,args` without its header: the command's name stands in front of the command. */
static void skip_short_name(struct ds_str line, struct ds_ps_fields *f)
{
	struct ds_str name, program;
	size_t pos = f->command;

	if (ds_ps_next_word(line, &pos, &name) && ds_ps_next_word(line, &pos, &program) &&
	    ds_str_eq(name, ds_str_head(ds_str_basename(program), 15)) &&
	    ds_ps_component(name) != DS_COMPONENT_NONE && ds_component_is_audited(ds_ps_component(program)))
		f->command = (size_t)(program.p - line.p);
}

/* Whether the line is one of a process; few columns are weak evidence, and
 * then only a component makes it one. */
static bool is_process(const struct listing *l, struct ds_str line, struct ds_ps_fields *ret)
{
	size_t cursor = 0;

	if ((l && l->layout.n + l->layout.behind > 0 && ds_ps_split(&l->layout, line, ret)) || ds_ps_guess(line, ret)) {
		struct ds_ps_fields other;

		/* A command that begins as a column or an option does: the line has more columns than that. */
		if ((ds_c_is_digit(line.p[ret->command]) || line.p[ret->command] == '-') && ds_ps_stray(line, &other))
			*ret = other;
		else
			skip_short_name(line, ret);
		return true;
	}
	while (ds_ps_guess_loose(line, &cursor, ret)) {
		struct ds_str command = ds_str_skip(line, ret->command);

		if (ds_ps_component(command) == DS_COMPONENT_NONE)
			continue;
		if (!ret->bare || ds_str_search(command, DS_STR(" -")) < command.n || ds_str_ends(command, " \\")) {
			skip_short_name(line, ret);
			return true;
		}
		break;
	}
	return ds_ps_stray(line, ret);
}

/* What starts a component somewhere in a line that is no process: not read, but said. */
static int note_mention(struct parser *p, const struct ds_ps_mention *m, struct ds_str line, uint32_t number)
{
	struct ds_loc loc = {.input = p->input, .line = number};

	loc.column = 1 + (uint32_t)ds_utf8_count(ds_str_n(line.p, (size_t)(m->text.p - line.p)));
	loc.length = (uint32_t)ds_utf8_count(m->text);
	return ds_diag(p->f->ctx, DS_LEVEL_ERROR, &loc, "give it as ps prints it: ps -efww",
		       "%s with its flags in a line that is of no form of ps: what it says was not taken, and is unknown",
		       ds_component_name(m->component));
}

static int take_line(struct parser *p, size_t start, size_t end, uint32_t number)
{
	struct ds_str line = ds_str_n(p->text.p + start, end - start);
	struct listing *l = p->listings.n ? &p->listings.v[p->listings.n - 1] : NULL;
	struct ds_ps_layout layout;
	struct ds_ps_fields fields;
	struct ds_ps_mention m;
	bool mention;
	int r;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (ds_str_trim(line).n == 0)
		return flush(p);
	if (p->has_pending && p->joinable && p->pending.v[p->pending.n - 1].backslash)
		return add_segment(p, start, line, 0, number);
	if (ds_ps_header(line, &layout)) {
		r = flush(p);
		l = r < 0 ? NULL : current_listing(p, true);
		if (!l)
			return DS_ENOMEM;
		l->layout = layout;
		return 0;
	}
	if (is_process(l, line, &fields)) {
		r = flush(p);
		if (r < 0)
			return r;
		p->pending.n = 0;
		p->fields = fields;
		p->has_pending = true;
		return add_segment(p, start, ds_str_head(line, fields.end), fields.command, number);
	}
	mention = !ds_ps_is_prompt(line) && ds_ps_mentions(line, &m);
	if (!mention && p->has_pending && p->joinable && ds_ps_continues(line))
		return add_segment(p, start, line, 0, number);
	r = flush(p);
	if (r == 0 && mention)
		return note_mention(p, &m, line, number);
	if (r == 0 && ds_ps_is_prompt(line) && !current_listing(p, true))
		r = DS_ENOMEM;
	return r;
}

static int parse(struct parser *p)
{
	size_t start = 0;
	uint32_t number = 0;
	int r = 0;

	while (r == 0 && start < p->text.n) {
		size_t n = ds_str_find(ds_str_skip(p->text, start), '\n');

		r = take_line(p, start, start + n, ++number);
		start += n + 1;
	}
	return r < 0 ? r : flush(p);
}

/* ------------------------------------------------------- hosts and duplicates */

/* The same pid with the same command, seen twice, is one process; where the
 * second one stands in another listing, both listings show one machine. */
static int find_duplicate(struct parser *p, struct ds_map *seen, struct found *fd, struct found **ret)
{
	_ds_buf_done_ struct ds_buf key = DS_BUF_INIT;
	struct ds_str copy;

	*ret = NULL;
	if (fd->pid <= 0)
		return 0;
	ds_buf_printf(&key, "%d ", fd->pid);
	ds_buf_adds(&key, fd->command);
	if (key.err < 0)
		return DS_ENOMEM;
	*ret = ds_map_get(seen, ds_buf_str(&key));
	if (*ret)
		return 0;
	if (ds_arena_str(p->f->ctx->arena, ds_buf_str(&key), &copy) < 0)
		return DS_ENOMEM;
	return ds_map_put(seen, copy, fd);
}

/*
 * Which listings show the same machine: those that share a process; else a
 * listing belongs to the one before, unless it shows a component of which that
 * one had another process already.
 */
static int assign_machines(struct parser *p)
{
	struct ds_arena *a = p->f->ctx->arena;
	struct ds_map seen;
	size_t i = 0, current = 0;

	ds_map_init(&seen, a);
	if (ds_vec_push(a, &p->machines, (struct machine){0}) < 0)
		return DS_ENOMEM;
	for (size_t k = 0; k < p->listings.n; k++) {
		size_t first = i, same = SIZE_MAX;
		unsigned components = 0;

		for (; i < p->found.n && p->found.v[i].listing == k; i++) {
			struct found *other;

			if (find_duplicate(p, &seen, &p->found.v[i], &other) < 0)
				return DS_ENOMEM;
			p->found.v[i].duplicate = other != NULL;
			if (other && other->listing != k)
				same = p->listings.v[other->listing].machine;
			if (ds_component_is_audited(p->found.v[i].component))
				components |= 1u << p->found.v[i].component;
		}
		if (same != SIZE_MAX) {
			current = same;
		} else if (i > first && (p->machines.v[current].components & components)) {
			if (ds_vec_push(a, &p->machines, (struct machine){0}) < 0)
				return DS_ENOMEM;
			current = p->machines.n - 1;
		}
		p->machines.v[current].components |= components;
		p->listings.v[k].machine = (uint32_t)current;
	}
	return 0;
}

static void assign_hosts(struct parser *p)
{
	for (size_t i = 0; i < p->ancestors.n; i++)
		p->ancestors.v[i].group = p->listings.v[p->ancestors.v[i].group].machine;
	ds_hosts_sort(p->ancestors.v, p->ancestors.n);
	for (size_t i = 0; i < p->found.n; i++) {
		struct found *fd = &p->found.v[i];
		uint32_t group = p->listings.v[fd->listing].machine;
		struct machine *m = &p->machines.v[group];

		if (fd->pid <= 0 || fd->ppid < 0)
			continue;
		fd->init = ds_host_init_of(p->ancestors.v, p->ancestors.n, group, fd->pid);
		/* A kubelet is started by its host's init, listed or not. */
		if (fd->init == 0 && fd->component == DS_KUBELET)
			fd->init = fd->ppid;
		if (m->init == 0)
			m->init = fd->init;
		else if (fd->init != 0 && fd->init != m->init)
			m->several = true;
	}
}

static const char *host_of(const struct parser *p, const struct found *fd)
{
	struct ds_arena *a = p->f->ctx->arena;
	uint32_t machine = p->listings.v[fd->listing].machine;
	const char *base = machine == 0 ? p->input->name : ds_arena_printf(a, "%s/%u", p->input->name, machine + 1);

	if (!base || fd->init == 0 || !p->machines.v[machine].several)
		return base;
	return ds_arena_printf(a, "%s#%d", base, fd->init);
}

/* ------------------------------------------------------------------- output */

static struct ds_loc place(const struct parser *p, const struct found *fd, size_t offset, size_t n)
{
	const struct segment *s = fd->segments;
	size_t i = 0, in;

	while (i + 1 < fd->n_segments && s[i + 1].at <= offset)
		i++;
	in = DS_MIN(offset - s[i].at, s[i].end - s[i].start);
	return (struct ds_loc){
		.input = p->input,
		.line = s[i].line,
		.column = s[i].column + (uint32_t)ds_utf8_count(ds_str_n(p->text.p + s[i].start, in)),
		.length = (uint32_t)ds_utf8_count(ds_str_n(fd->command.p + offset, n)),
		.pid = fd->pid,
	};
}

/* All words with their places, in one pass. */
static int split_words(struct parser *p, const struct found *fd)
{
	size_t pos = 0, seg = 0, done = 0;
	struct ds_str word;
	uint32_t column = fd->segments[0].column;

	p->words.n = 0;
	while (p->words.n < DS_LIMIT_ARGV && ds_ps_next_word(fd->command, &pos, &word)) {
		size_t at = (size_t)(word.p - fd->command.p);
		struct ds_arg *arg = ds_vec_add(p->f->ctx->arena, &p->words);

		if (!arg)
			return DS_ENOMEM;
		while (seg + 1 < fd->n_segments && fd->segments[seg + 1].at <= at) {
			seg++;
			column = fd->segments[seg].column;
			done = fd->segments[seg].at;
		}
		column += (uint32_t)ds_utf8_count(ds_str_n(fd->command.p + done, at - done));
		done = at;
		*arg = (struct ds_arg){
			.text = word,
			.loc = {
				.input = p->input,
				.line = fd->segments[seg].line,
				.column = column,
				.length = (uint32_t)ds_utf8_count(word),
				.pid = fd->pid,
			},
		};
	}
	return 0;
}

/* Whether a terminal cut the line at its width. */
static bool cut_by_width(const struct listing *l, const struct found *fd)
{
	size_t width = fd->segments[0].width;

	if (fd->n_segments != 1 || width != l->max_width || width < NARROWEST)
		return false;
	if (l->widest_differ || (l->layout.busybox && width == terminal_widths[0] - 1))
		return true;
	for (size_t i = 0; i < DS_ARRAY_SIZE(terminal_widths); i++)
		if (width == terminal_widths[i])
			return true;
	return false;
}

/* Whether the last word is the beginning of a flag's name and nothing more. */
static bool is_half_flag(enum ds_component c, struct ds_str word)
{
	const struct ds_flag *rows;
	struct ds_str name = ds_str_skip(word, 2);
	size_t n;

	if (!ds_component_is_audited(c) || !ds_str_starts(word, "-") || ds_str_find(word, '=') < word.n)
		return false;
	if (word.n <= 2)
		return true;
	if (ds_flag_find(c, name))
		return false;
	rows = ds_flag_table(c, &n);
	for (size_t i = 0; i < n; i++) {
		struct ds_str row = ds_str_from(rows[i].name);

		if (row.n > name.n && ds_str_eq(ds_str_head(row, name.n), name))
			return true;
	}
	return false;
}

/* Takes off what a cut left incomplete; true when the line was cut. */
static bool drop_cut_word(struct parser *p, const struct found *fd)
{
	const struct listing *l = &p->listings.v[fd->listing];
	struct ds_str last = p->words.v[p->words.n - 1].text;
	bool cut = fd->cut || ds_str_ends(last, "...") || ds_str_ends(last, "\u2026") || cut_by_width(l, fd) ||
		   is_half_flag(fd->component, last);

	if (cut && p->words.n > 1)
		p->words.n--;
	return cut || !l->has_arguments || p->words.n == DS_LIMIT_ARGV;
}

/* "10.96.0.0/16, fd00::/108" is one argument with a blank, or two. */
static int note_split_values(struct parser *p)
{
	for (size_t i = 0; i + 1 < p->words.n; i++) {
		struct ds_str text = p->words.v[i].text, next = p->words.v[i + 1].text;
		struct ds_cidr cidr;
		struct ds_ip ip;
		struct ds_str head = ds_str_head(next, ds_str_find(next, ','));

		if (!ds_str_ends(text, ",") ||
		    (ds_cidr_parse(head, DS_IP_SLOPPY, &cidr) < 0 && ds_ip_parse(head, DS_IP_SLOPPY, &ip) < 0))
			continue;
		if (ds_diag(p->f->ctx, DS_LEVEL_NOTE, &p->words.v[i].loc,
			    "look at /proc/PID/cmdline, where arguments keep their boundaries",
			    "ps does not tell whether the blank after '%.*s' stands inside the argument",
			    (int)DS_MIN(text.n, (size_t)80), text.p) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

struct ps_source {
	const struct parser *p;
	const struct found *fd;
	size_t script; /* where the text behind `sh -c` starts in the command */
};

static struct ds_loc script_place(const struct ds_launch *l, size_t i, size_t offset, size_t n)
{
	const struct ps_source *src = l->source;

	(void)i;
	return place(src->p, src->fd, src->script + offset, n);
}

/* ps shows `sh -c "kube-proxy --a"` without its quotes: what follows -c is one argument again. */
static void rejoin_script(struct parser *p, struct ds_launch *l, struct ps_source *src)
{
	struct ds_arg *v = p->words.v;

	for (size_t i = 0; i + 2 < p->words.n && i < 8; i++) {
		if (!ds_ps_is_shell(v[i].text) || !ds_ps_is_command_option(v[i + 1].text))
			continue;
		src->script = (size_t)(v[i + 2].text.p - src->fd->command.p);
		v[i + 2].text.n = (size_t)(v[p->words.n - 1].text.p + v[p->words.n - 1].text.n - v[i + 2].text.p);
		l->n = i + 3;
		/* Each place is found from the start of the line: not for lines without end. */
		if (src->fd->command.n < LONGEST_SCRIPT)
			l->place = script_place;
		return;
	}
}

static int emit(struct parser *p, const struct found *fd)
{
	struct ps_source src = {.p = p, .fd = fd};
	struct ds_launch l = {
		.kind = DS_SOURCE_PS,
		.loc = place(p, fd, 0, fd->n_segments == 1 ? fd->command.n : 0),
		.host = host_of(p, fd),
		.pid = fd->pid,
		.ppid = DS_MAX(fd->ppid, 0),
		.guessed = true,
		.no_files = "a ps listing does not contain files",
		.source = &src,
	};
	bool names_only = !p->listings.v[fd->listing].has_arguments;
	struct ds_arg *copy;
	int r = l.host ? split_words(p, fd) : DS_ENOMEM;

	if (r < 0 || p->words.n == 0)
		return r;
	if (named_in_part(fd->command) != DS_COMPONENT_NONE) {
		/* Where other lines have arguments it is a program of just that name, unless a terminal cut there. */
		if (!names_only)
			return ds_component_is_audited(fd->component) && fd->segments[0].width >= NARROWEST
				       ? say_half_program(p, &l.loc, fd->component)
				       : 0;
		p->words.v[0].text = ds_str_from(ds_component_name(fd->component));
	}
	l.truncated = drop_cut_word(p, fd);
	if (l.truncated && ds_component_is_audited(fd->component))
		r = ds_diag(p->f->ctx, DS_LEVEL_WARNING, &l.loc,
			    names_only ? "record it with `ps -efww`, which shows arguments"
				       : "record it with `ps -efww`, or redirect it to a file",
			    names_only ? "the listing has names only: the flags of %s are unknown"
				       : "the command line of %s is cut: flags behind the cut are unknown",
			    ds_component_name(fd->component));
	if (r == 0)
		r = note_split_values(p);
	if (r < 0)
		return r;
	copy = ds_arena_new_array(p->f->ctx->arena, p->words.n, struct ds_arg);
	if (!copy)
		return DS_ENOMEM;
	l.n = p->words.n;
	rejoin_script(p, &l, &src);
	memcpy(copy, p->words.v, l.n * sizeof(*copy));
	l.argv = copy;
	return ds_observe(p->f, &l, NULL);
}

int ds_ps_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *probe)
{
	struct parser p = {.f = f, .input = input, .text = probe->text};
	int r = parse(&p);

	if (r == 0 && p.found.n == 0)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "no Kubernetes component in the listing");
	if (r == 0)
		r = assign_machines(&p);
	if (r < 0)
		return r;
	assign_hosts(&p);
	for (size_t i = 0; i < p.found.n && r == 0; i++)
		if (!p.found.v[i].duplicate)
			r = emit(&p, &p.found.v[i]);
	input->status = DS_INPUT_READ;
	return r;
}

int ds_ps_detect(const struct ds_collector *self, const struct ds_probe *probe)
{
	struct ds_str rest = probe->text, line;
	struct ds_ps_layout layout;
	struct ds_ps_fields fields;
	bool done = false;

	(void)self;
	/* JSON and XML have lines of their own. */
	line = ds_str_trim(ds_str_head(rest, 256));
	if (line.n > 0 && (line.p[0] == '{' || line.p[0] == '<'))
		return 0;
	for (unsigned i = 0; i < DETECT_LINES && ds_str_split(&rest, '\n', &done, &line); i++) {
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (ds_ps_header(line, &layout))
			return 80;
		if (is_process(NULL, line, &fields))
			return fields.bare ? 30 : 80;
	}
	return 0;
}
