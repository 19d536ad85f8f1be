#ifndef DS_MODEL_CONFIGURED_H
#define DS_MODEL_CONFIGURED_H

#include "model/model.h"

/*
 * One component, seen twice: the process is what runs; the static pod manifest,
 * the unit or the file of arguments on the same host is what would run after a
 * restart, and kubeadm's configuration what kubeadm would write. They are one
 * component of the cluster, which keeps what is configured beside what runs.
 */

/*
 * Moves what is only configured from c->components to the components that run
 * (m->configured, c->configured). Where several of a kind run on a host it is
 * the one with the most flags in common. What nothing runs from stays. A
 * process whose version nobody tells has its manifest's. Linear in components.
 * 0 or DS_ENOMEM.
 */
int ds_configured_pair(struct ds_arena *a, struct ds_cluster *c) DS_MUST_CHECK;

/*
 * With the settings of all resolved: fills m->differences and m->undecided of
 * every component. What k3s and RKE2 make of their configuration is a guess, and
 * is not compared; of what kubeadm would write, what each node has of its own is
 * not. 0 or DS_ENOMEM.
 */
int ds_configured_compare(struct ds_arena *a, struct ds_cluster *c) DS_MUST_CHECK;

#endif
