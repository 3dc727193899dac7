/*
 * scenario.yaml: a small, strict part of YAML, turned line by line into the lines of scenario.conf, so that both mean the
 * same and a mistake has its line's number. Keys without indentation, lists with two blanks and "- ", nothing else:
 *
 *     profile: b200
 *     missing:
 *       - nvmlDeviceGetTemperatureV
 *     do:
 *       - load 0.8
 *     at:
 *       - 30: fault 5 xid 119
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum list { NO_LIST, MISSING, MISSING_FIELD, DO, AT };

static const struct {
    const char *name;
    enum list list; /* what may follow in lines of its own */
} keys[] = {
    {"profile", NO_LIST}, {"devices", NO_LIST}, {"driver_version", NO_LIST}, {"seed", NO_LIST}, {"domain", NO_LIST},
    {"tray", NO_LIST}, {"missing", MISSING}, {"missing_field", MISSING_FIELD}, {"do", DO}, {"at", AT},
};
#define KEY_NUMBER (sizeof keys / sizeof *keys)
static const char key_words[] = "profile, devices, driver_version, seed, domain, tray, missing, missing_field, do or at";
static const char *const list_verbs[] = {"", "missing ", "missing_field ", "", "at "};

static bool given[KEY_NUMBER];
static enum list open_list;

void begin_yaml(void) {
    memset(given, 0, sizeof given);
    open_list = NO_LIST;
}

static bool wrong(char *error, const char *what, const char *line, const char *allowed) {
    snprintf(error, ERROR_SIZE, "%s: '%s' given, allowed: %s", what, line, allowed);
    return false;
}

/* A value may stand in quotes, which YAML takes away. */
static char *unquoted(char *value) {
    size_t length = strlen(value);
    if (length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value) {
        value[length - 1] = '\0';
        return value + 1;
    }
    return value;
}

/* The text behind "name:", or NULL where the line has no such form. */
static char *value_of(char *line, char **name) {
    char *colon = strchr(line, ':');
    if (!colon || (colon[1] && !isspace((unsigned char)colon[1])))
        return NULL;
    *colon = '\0';
    *name = line;
    return unquoted(colon + 1 + strspn(colon + 1, " "));
}

static bool read_key_line(char *line, size_t size, char *error) {
    char copy[512], *name, *value;
    snprintf(copy, sizeof copy, "%s", line);
    if (!(value = value_of(copy, &name)))
        return wrong(error, "scenario", line, "a line 'key: value', or 'key:' before a list");
    for (size_t i = 0; i < KEY_NUMBER; i++) {
        if (strcmp(keys[i].name, name) != 0)
            continue;
        if (given[i])
            return wrong(error, name, "a second time", "once");
        given[i] = true;
        open_list = *value ? NO_LIST : keys[i].list;
        if (!*value && keys[i].list == NO_LIST)
            return wrong(error, name, "nothing", "one value");
        if (*value && (keys[i].list == DO || keys[i].list == AT))
            return wrong(error, name, value, "a list in the lines behind it, each with two blanks and '- '");
        if (*value)
            snprintf(line, size, "%s %s", name, value);
        else
            *line = '\0';
        return true;
    }
    return wrong(error, "key", name, key_words);
}

static bool is_key(const char *word) {
    for (size_t i = 0; i < KEY_NUMBER; i++)
        if (strcmp(keys[i].name, word) == 0)
            return true;
    return false;
}

static bool read_item(char *line, size_t size, char *error) {
    char copy[512], verb[512] = "", *seconds, *text = copy;
    if (strncmp(line, "- ", 2) != 0 || open_list == NO_LIST)
        return wrong(error, "scenario", line, open_list == NO_LIST ? "a key, without blanks before it" : "'- ' and an entry of the list");
    snprintf(copy, sizeof copy, "%s", line + 2 + strspn(line + 2, " "));
    if (open_list == AT) {
        if (!(text = value_of(copy, &seconds)) || !*text)
            return wrong(error, "at", line, "- <seconds>: <command>");
        snprintf(line, size, "at %s %s", unquoted(seconds), text);
        return true;
    }
    text = unquoted(copy);
    sscanf(text, "%511s", verb);
    if (open_list == DO && (is_key(verb) || strcmp(verb, "at") == 0))
        return wrong(error, "do", text, "a command; what declares the node is a key of its own");
    snprintf(line, size, "%s%s", list_verbs[open_list], text);
    return true;
}

/* Turns one stripped line, which had so many blanks before it, into a line of scenario.conf, perhaps an empty one. */
bool read_yaml(char *line, size_t size, const char *blanks, char *error) {
    size_t indentation = strspn(blanks, " ");
    if (blanks[indentation] == '\t')
        return wrong(error, "scenario", "a tab", "blanks before an entry");
    if (indentation == 0)
        return read_key_line(line, size, error);
    if (indentation != 2)
        return wrong(error, "scenario", line, "two blanks before an entry of a list, none before a key");
    return read_item(line, size, error);
}
