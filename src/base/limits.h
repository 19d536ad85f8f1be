/*
 * Every limit on what a stranger can make us do, in one place, each with its
 * reason. Nothing here is a tuning knob: a limit that is hit is reported with
 * its name, and the audit is then incomplete, never "all fine".
 */
#ifndef DS_BASE_LIMITS_H
#define DS_BASE_LIMITS_H

#include <stddef.h>

/* Memory of one run. 10,000 node bundles stay well below; a bomb stops here. */
#define DS_LIMIT_ARENA ((size_t)2 << 30)

/* One input file. A `kubectl get svc -A -o json` of 100,000 Services is about
 * 100 MB and is streamed; everything else that is audited is smaller. */
#define DS_LIMIT_FILE_BYTES ((size_t)512 << 20)

/* Configuration files that live components name. Any user may start a process
 * that calls itself kubelet and names any file, so no more is read than such
 * files have: a KubeletConfiguration has some 10 KB, a host some ten of them. */
#define DS_LIMIT_NAMED_FILE_BYTES ((size_t)256 << 10)
#define DS_LIMIT_NAMED_FILES 64u

/* Files read at known places of live hosts: static pods, units, drop-ins. A
 * control plane has some twenty; kind has several such hosts on one machine,
 * and any container with an init of its own passes for one. */
#define DS_LIMIT_HOST_FILES 1024u
#define DS_LIMIT_HOSTS 64u

/* YAML nesting. libyaml has no limit of its own and is quadratic in the depth
 * of flow collections (80 KB of '[' take 19 s); real manifests stay below 20. */
#define DS_LIMIT_YAML_DEPTH 64u

/* YAML nodes per input: 50 MB of `k: v` lines is 21 million nodes. */
#define DS_LIMIT_YAML_NODES ((size_t)32 << 20)
#define DS_LIMIT_YAML_DOCUMENTS 200000u

/* Nodes that alias expansion may visit per input: stops "billion laughs"
 * while leaving merge keys and anchors of real files alone. */
#define DS_LIMIT_YAML_ALIAS_NODES 1000000u

/* Re-parses per input for the flow-colon repair (yaml/load.c): one per
 * repaired colon, so this also bounds the work to a multiple of the input. */
#define DS_LIMIT_YAML_COLON_REPAIRS 512u

/* One command line. The kernel allows 2 MiB by default (a quarter of the 8 MiB
 * stack limit); longer ones are cut and marked truncated. */
#define DS_LIMIT_CMDLINE_BYTES ((size_t)4 << 20)
#define DS_LIMIT_ARGV 65536u

/* Feature gates set by one component: 1.36 knows fewer than 250. */
#define DS_LIMIT_GATES 512u

/* Unknown flags for which a similar one is searched, and messages of one
 * aggregate: nobody reads further, and both cost more than the input is long. */
#define DS_LIMIT_SUGGESTIONS 16u
#define DS_LIMIT_AGGREGATE 256u

/* Directory walks. */
#define DS_LIMIT_DIR_DEPTH 16u
#define DS_LIMIT_DIR_FILES 100000u

/* Addresses of a host: kube-proxy in IPVS mode gives it those of all Services. */
#define DS_LIMIT_HOST_ADDRESSES 65536u

/* Routes of a host that are kept: those to everywhere and to its own networks. Container bridges make some hundred. */
#define DS_LIMIT_HOST_ROUTES 1024u

/* Interfaces of a host whose own sysctls are read: those with an address that others can reach or a default route. */
#define DS_LIMIT_HOST_INTERFACES 256u

/* Files of a host's network plugins and container engine: folders hold a few of some KB. */
#define DS_LIMIT_CNI_FILES 32u

/* Rule expressions: as deep as a person can read, and Kubernetes' own CEL
 * per-call cost limit. */
#define DS_LIMIT_CEL_SOURCE 16384u
#define DS_LIMIT_CEL_DEPTH 64u
#define DS_LIMIT_CEL_COST 1000000u

/* Text of a list, map or object in a message: values share their parts, so a
 * small one can stand for a text without end. */
#define DS_LIMIT_CEL_TEXT ((size_t)64 << 10)

/* Rules that comments about one line may name: there are some 120 in all. */
#define DS_LIMIT_COMMENT_RULES 256u

/* Text of one Service's field errors. An error prints the list it is about, and
 * a list of n bad entries has n errors: without an end that is n squared. The
 * API server takes bodies of 3 MB at most. */
#define DS_LIMIT_SERVICE_ERROR_BYTES ((size_t)8 << 20)

/* One object in a stream of Services, as written: the API server takes bodies
 * of 3 MB at most; indentation may double that. */
#define DS_LIMIT_STREAM_ITEM_BYTES ((size_t)8 << 20)

/* Lists in lists in a stream of Services; kubectl flattens one level. */
#define DS_LIMIT_STREAM_LISTS 4u

/* Names and addresses remembered to tell that two previewed Services share
 * one; beyond it the comparison stops and the report says so. 32 bytes each. */
#define DS_LIMIT_PREVIEW_SEEN ((size_t)1 << 20)

/* Diagnostics kept per run; further ones are counted. */
#define DS_LIMIT_DIAGS 10000u

#endif
