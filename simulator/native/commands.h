/* What the files of the command language share: a command's words, and the reading of them. */
#ifndef MILLWRIGHT_COMMANDS_H
#define MILLWRIGHT_COMMANDS_H

#include "world.h"

#define MOST_WORDS 8

struct command {
    char *words[MOST_WORDS];
    int count;
    enum command_mode mode;
    unsigned holder;
    FILE *reply;
    char *error;
};

struct selection {
    unsigned first, last;
    bool all;
};

#define EACH(selection, device) \
    for (struct device *device = &world.devices[(selection).first]; device <= &world.devices[(selection).last]; device++)

/* Each of these is false with a sentence in command->error where the word is wrong. */
bool wrong(struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool is(struct command *command, int word, const char *text);
bool usage(struct command *command, int words, const char *form);
bool parse_whole(struct command *command, const char *field, const char *text, uint64_t max, uint64_t *value);
bool parse_ratio(struct command *command, const char *field, const char *text, double *value);
bool parse_devices(struct command *command, const char *text, bool all_allowed, struct selection *selection);

/* abi_confidential.c, abi_accounting.c */
bool do_confidential(struct command *command);
bool account_words(struct command *command, struct selection devices, int first);

/* mig_commands.c */
bool do_mig(struct command *command);
bool names_instance(struct command *command, int word); /* gi1.load */
bool set_instance_words(struct command *command);
bool unset_instance_words(struct command *command);
bool get_instance_words(struct command *command);
bool parse_instance(struct command *command, const char *text, struct process *process); /* gi1, gi1ci0 */

#endif
