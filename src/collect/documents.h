#ifndef DS_COLLECT_DOCUMENTS_H
#define DS_COLLECT_DOCUMENTS_H

#include "collect/collect.h"
#include "collect/lines.h"

/*
 * YAML and JSON inputs hold objects of many kinds in any mixture: documents,
 * lists, lists in documents. One walk hands each object to the collector of
 * its kind.
 */

/* What the objects of one stream have in common. */
struct ds_doc_source {
	const struct ds_input *input;
	const char *host; /* of a bundle, or NULL: each object tells its own */
	const char *node; /* of a bundle, or NULL */
	const struct ds_bundle *bundle;  /* where named files may be found, or NULL */
	const struct ds_lines *lines;    /* of input->text, or NULL */
	bool entry;   /* an entry of a ConfigMap, not a file */
	const char *cm_name, *cm_key; /* which one */
	bool kubeadm; /* the stream holds kubeadm documents, which were read as a whole */
	bool broken; /* the last document stops at an error: what it shows may not be all */
};

struct ds_doc_row;

/* What was found, to tell what became of the input. */
struct ds_doc_tally {
	size_t used;        /* objects that became facts */
	size_t other;       /* objects that are nothing of ours */
	const struct ds_doc_row *row; /* the foremost kind that was used: it names the input's type */
	const char *skipped; /* the first thing recognised but not read by this version: "a KubeletConfiguration" */
	struct ds_loc skipped_loc;
	size_t n_skipped;
};

/* The row of the kind table for an object, for detection. */
enum ds_doc_kind {
	DS_DOC_OTHER,
	DS_DOC_LIST,
	DS_DOC_BUNDLE,
	DS_DOC_POD,
	DS_DOC_WORKLOAD, /* has a pod template; of a component or not */
	DS_DOC_FRAGMENT, /* a pod's spec as people paste it: no kind, and perhaps not all flags */
	DS_DOC_OBJECT,
	DS_DOC_KUBEADM,
	DS_DOC_CONFIG, /* a component's configuration: kubeadm reads it beside its own documents */
	DS_DOC_DISTRO, /* a distribution's configuration, with a collector of its own */
	DS_DOC_UNREAD, /* ours, but not read by this version */
};

struct ds_doc_row {
	const char *group;  /* "kubeadm.k8s.io", "" for core, NULL for any */
	const char *kind;   /* NULL: any kind of the group */
	const char *type;   /* the input type such an object makes: "kubeadm" */
	const char *what;   /* for reasons: "a kubeadm configuration" */
	enum ds_doc_kind doc;
	/* DS_DOC_DISTRO: 0 or DS_ENOMEM. */
	int (*collect)(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object);
};

/* The row for an object; never NULL (DS_DOC_OTHER). */
const struct ds_doc_row *ds_doc_row(const struct ds_yaml_node *object);

/* Walks all documents. 0 or DS_ENOMEM. */
int ds_documents_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_stream *stream,
			 struct ds_doc_tally *tally) DS_MUST_CHECK;
/* One object, or a list of them. default_kind: for items of a PodList and the like, or NULL. */
int ds_document_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
			const char *default_kind, struct ds_doc_tally *tally) DS_MUST_CHECK;

/* Sets the input's status from the tally and from the loader's result. */
int ds_documents_conclude(struct ds_facts *f, struct ds_input *input, const struct ds_doc_tally *tally,
			  int load_result, size_t first_diag) DS_MUST_CHECK;

/* The input type that the objects of a stream make ("static-pod"), or NULL when none is ours. */
const char *ds_documents_type(const struct ds_yaml_stream *stream);

/* The detect and collect functions of rows in the collector table. */
int ds_documents_detect(const struct ds_collector *self, const struct ds_probe *p);
int ds_documents_collect_input(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

/* static_pod.c: every component in the pod (spec: the PodSpec). doc: DS_DOC_POD,
 * DS_DOC_WORKLOAD or DS_DOC_FRAGMENT. *ret_used: found one. *ret_host: what
 * groups it with others, "" when nothing tells; set where the result is 0. */
int ds_static_pod_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *spec,
			  enum ds_doc_kind doc, bool *ret_used, const char **ret_host) DS_MUST_CHECK;
/* objects.c: adds an object to the facts. host: what groups it with others, or NULL: the source's. */
int ds_object_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
		      const char *kind, const char *host) DS_MUST_CHECK;

#endif
