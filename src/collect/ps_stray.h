#ifndef DS_COLLECT_PS_STRAY_H
#define DS_COLLECT_PS_STRAY_H

#include "collect/ps_line.h"
#include "kube/component.h"

/*
 * Command lines of components where no form of ps puts them: between columns
 * that somebody chose with -o or edited, in other tools' output, in prose. What
 * can be told to be one is read; what only may be is at least never passed over
 * without a word.
 */

/* What a command as ps shows it would start. */
enum ds_component ds_ps_component(struct ds_str command);

/*
 * Whether the line is a component's behind columns of no known form, such as
 * "root 1 0 ? 00:00 kube-apiserver --v=2". Only words that can be columns may
 * stand in front. *ret has the pid only when no other number can be it.
 */
bool ds_ps_stray(struct ds_str line, struct ds_ps_fields *ret);

/* An audited component's name with one of its flags right behind it. */
struct ds_ps_mention {
	enum ds_component component;
	struct ds_str text; /* from the name to the flag's end */
};

/* Whether there is one in the text, whatever stands around it; linear. */
bool ds_ps_mentions(struct ds_str text, struct ds_ps_mention *ret);

#endif
