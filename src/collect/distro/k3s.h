#ifndef DS_COLLECT_K3S_H
#define DS_COLLECT_K3S_H

#include "collect/collect.h"

/* Notes a k3s or RKE2 config.yaml or a file of its config.yaml.d. 0 or DS_ENOMEM. */
int ds_k3s_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

/*
 * Notes a command line "k3s server --cluster-cidr …" when it has flags: after
 * k3s has written its own title over them, and in a unit without any, the
 * configuration alone tells. argv: from the program's name on; skip: of the
 * word "server" or "agent". *ret_noted: it has some. 0 or DS_ENOMEM.
 */
int ds_k3s_note_command(struct ds_facts *f, const struct ds_loc *loc, const char *host, const struct ds_arg *argv,
			size_t n, size_t skip, bool *ret_noted) DS_MUST_CHECK;

/*
 * Merges each config.yaml with the files of the config.yaml.d beside it and
 * the command line that reads it, and
 * adds the components that k3s would run with it. What the server, the host
 * or k3s itself decides is written ${…}: unresolved, never absent.
 * 0 or DS_ENOMEM. Source: k3s pkg/configfilearg/parser.go,
 * pkg/daemons/control/server.go, pkg/daemons/agent/agent_linux.go.
 */
int ds_k3s_finish(struct ds_facts *f) DS_MUST_CHECK;

#endif
