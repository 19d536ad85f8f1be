/* The functions of the language: one per row of functions.c (several overloads may share one). */
#ifndef DS_CEL_FN_H
#define DS_CEL_FN_H

#include "cel/priv.h"

/* All have one shape; the names of the parameters never vary. */
#define FN(name)                                                                                                     \
	void ds__cel_fn_##name(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args, \
			       struct ds_cel_value *out)

ds__cel_impl ds__cel_fn_not;
ds__cel_impl ds__cel_fn_ne;
ds__cel_impl ds__cel_fn_mod;
ds__cel_impl ds__cel_fn_mul;
ds__cel_impl ds__cel_fn_add;
ds__cel_impl ds__cel_fn_sub;
ds__cel_impl ds__cel_fn_neg;
ds__cel_impl ds__cel_fn_div;
ds__cel_impl ds__cel_fn_lt;
ds__cel_impl ds__cel_fn_le;
ds__cel_impl ds__cel_fn_eq;
ds__cel_impl ds__cel_fn_gt;
ds__cel_impl ds__cel_fn_ge;
ds__cel_impl ds__cel_fn_same;
ds__cel_impl ds__cel_fn_bool;
ds__cel_impl ds__cel_fn_char_at;
ds__cel_impl ds__cel_fn_cidr;
ds__cel_impl ds__cel_fn_contains;
ds__cel_impl ds__cel_fn_contains_cidr;
ds__cel_impl ds__cel_fn_contains_ip;
ds__cel_impl ds__cel_fn_count;
ds__cel_impl ds__cel_fn_distinct;
ds__cel_impl ds__cel_fn_ends_with;
ds__cel_impl ds__cel_fn_families;
ds__cel_impl ds__cel_fn_family;
ds__cel_impl ds__cel_fn_first;
ds__cel_impl ds__cel_fn_format;
ds__cel_impl ds__cel_fn_has_host_bits;
ds__cel_impl ds__cel_fn_host_bits;
ds__cel_impl ds__cel_fn_in;
ds__cel_impl ds__cel_fn_includes;
ds__cel_impl ds__cel_fn_index_of;
ds__cel_impl ds__cel_fn_list_index_of;
ds__cel_impl ds__cel_fn_int;
ds__cel_impl ds__cel_fn_ip;
ds__cel_impl ds__cel_fn_cidr_ip;
ds__cel_impl ds__cel_fn_is_canonical;
ds__cel_impl ds__cel_fn_is_cidr;
ds__cel_impl ds__cel_fn_is_dual_stack;
ds__cel_impl ds__cel_fn_is_global;
ds__cel_impl ds__cel_fn_is_ip;
ds__cel_impl ds__cel_fn_is_ll_multicast;
ds__cel_impl ds__cel_fn_is_ll_unicast;
ds__cel_impl ds__cel_fn_is_loopback;
ds__cel_impl ds__cel_fn_is_multicast;
ds__cel_impl ds__cel_fn_is_private;
ds__cel_impl ds__cel_fn_is_sorted;
ds__cel_impl ds__cel_fn_is_unspecified;
ds__cel_impl ds__cel_fn_join;
ds__cel_impl ds__cel_fn_last;
ds__cel_impl ds__cel_fn_last_index_of;
ds__cel_impl ds__cel_fn_list_last_index;
ds__cel_impl ds__cel_fn_lower_ascii;
ds__cel_impl ds__cel_fn_masked;
ds__cel_impl ds__cel_fn_max;
ds__cel_impl ds__cel_fn_min;
ds__cel_impl ds__cel_fn_overlaps;
ds__cel_impl ds__cel_fn_prefix_length;
ds__cel_impl ds__cel_fn_replace;
ds__cel_impl ds__cel_fn_reverse_list;
ds__cel_impl ds__cel_fn_reverse;
ds__cel_impl ds__cel_fn_sets_contains;
ds__cel_impl ds__cel_fn_sets_equivalent;
ds__cel_impl ds__cel_fn_sets_intersects;
ds__cel_impl ds__cel_fn_size;
ds__cel_impl ds__cel_fn_slice;
ds__cel_impl ds__cel_fn_sort;
ds__cel_impl ds__cel_fn_split;
ds__cel_impl ds__cel_fn_starts_with;
ds__cel_impl ds__cel_fn_string;
ds__cel_impl ds__cel_fn_subnet_count;
ds__cel_impl ds__cel_fn_substring;
ds__cel_impl ds__cel_fn_sum;
ds__cel_impl ds__cel_fn_trim;
ds__cel_impl ds__cel_fn_type;
ds__cel_impl ds__cel_fn_upper_ascii;

#endif
