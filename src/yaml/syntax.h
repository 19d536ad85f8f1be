#ifndef DS_YAML_SYNTAX_H
#define DS_YAML_SYNTAX_H

#include "yaml/build.h"

/* A syntax error in the terms of go-yaml v2's parser. Lines are 0-based there. */
struct ds__yaml_problem {
	const char *text;
	bool scanner;          /* the scanner's, not the parser's */
	uint32_t line;         /* problem_mark */
	uint32_t context_line; /* context_mark */
	struct ds__yaml_pos at; /* the true place */
};

/*
 * Adds the error as Kubernetes words it, with what to do about it. go-yaml v2
 * (decode.go:parser.fail) counts scanner errors from 1 and parser errors from
 * 0, and names no line when that is 0; the diagnostic's place is the true one.
 * Returns DS_ESYNTAX or DS_ENOMEM.
 */
int ds__yaml_report(struct ds__yaml_builder *b, const struct ds__yaml_problem *p, struct ds_str text);

/* Line and column of a byte offset, with YAML's line breaks. */
struct ds__yaml_pos ds__yaml_pos_at(struct ds_str text, size_t offset);

#endif
