/*
 * scenario.conf beside the library, or scenario.yaml (scenario_yaml.c): declarations (profile, devices, driver_version, seed, missing), commands to run at
 * once, and commands to run later (`at <seconds>` since the first nvmlInit, in simulated time).
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define MOST_LINES 1024
#define LINE_LENGTH 512

struct scheduled {
    int64_t due_ns;
    bool done;
    char text[LINE_LENGTH];
};

static struct scheduled schedule[MOST_LINES]; /* written before the control thread starts, then owned by it */
static int scheduled_count;

static bool mistake(const char *path, int number, const char *sentence) {
    say("%s line %d: %s", path, number, sentence);
    return false;
}

static void strip(char *line) {
    char *comment = strchr(line, '#');
    if (comment)
        *comment = '\0';
    size_t length = strlen(line);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        line[--length] = '\0';
    size_t blank = strspn(line, " \t");
    memmove(line, line + blank, length - blank + 1);
}

static bool whole_number(const char *text, uint64_t min, uint64_t max, uint64_t *value) {
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return isdigit((unsigned char)*text) && !*end && !errno && *value >= min && *value <= max;
}

static bool parse_driver_version(const char *text) {
    struct driver_version version = {0};
    int end = 0;
    if (sscanf(text, "%u.%u%n.%u%n", &version.major, &version.minor, &end, &version.patch, &end) < 2 || text[end] ||
        strlen(text) >= sizeof world.driver_version_text)
        return false;
    world.driver_version = version;
    snprintf(world.driver_version_text, sizeof world.driver_version_text, "%s", text);
    return true;
}

static bool is_declaration(const char *verb) {
    static const char *const names[] = {"profile", "devices", "driver_version", "seed", "missing", "missing_field", "domain", "tray"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], verb) == 0)
            return true;
    return false;
}

static bool declare(const char *verb, const char *value, char *error) {
    uint64_t number;
    const char *allowed;
    if (strcmp(verb, "profile") == 0) {
        const struct profile *profile = profile_by_name(value);
        if (profile) {
            world.profile = profile;
            return true;
        }
        allowed = profile_names;
    } else if (strcmp(verb, "devices") == 0) {
        if (whole_number(value, 1, MAX_DEVICES, &number)) {
            world.device_count = (unsigned)number;
            return true;
        }
        allowed = "a whole number 1..64";
    } else if (strcmp(verb, "domain") == 0) {
        if (whole_number(value, 0, UINT64_MAX, &world.domain))
            return true;
        allowed = "a whole number 0..18446744073709551615";
    } else if (strcmp(verb, "tray") == 0) {
        if (whole_number(value, 1, MOST_TRAYS, &number)) {
            world.tray = (unsigned)number;
            return true;
        }
        allowed = "a whole number 1..18";
    } else if (strcmp(verb, "seed") == 0) {
        if (whole_number(value, 0, UINT64_MAX, &world.seed))
            return true;
        allowed = "a whole number 0..18446744073709551615";
    } else if (strcmp(verb, "driver_version") == 0) {
        if (parse_driver_version(value))
            return true;
        allowed = "numbers such as 580.82.07";
    } else if (strcmp(verb, "missing_field") == 0) {
        if (whole_number(value, 1, FIELD_COUNT - 1, &number))
            return world.missing_field[number] = true;
        allowed = "the number of a field, 1..302";
    } else {
        int function = function_by_name(value);
        if (function >= 0) {
            world.missing[function] = true;
            return true;
        }
        allowed = "a function that this library exports, such as nvmlDeviceGetMarginTemperature";
    }
    snprintf(error, ERROR_SIZE, "%s: '%s' given, allowed: %s", verb, value, allowed);
    return false;
}

/* `at 2.5 fault 0 xid 79` becomes a time and the rest; a line without `at` has the time 0. */
static bool take_time(char *line, double *seconds, char **rest, char *error) {
    *seconds = 0;
    *rest = line;
    if (strncmp(line, "at", 2) != 0 || !(isspace((unsigned char)line[2]) || !line[2]))
        return true;
    char *end;
    *seconds = strtod(line + 2, &end);
    if (end == line + 2 || !isspace((unsigned char)*end) || !(*seconds >= 0 && *seconds < 1e9)) {
        snprintf(error, ERROR_SIZE, "at: '%s' given, allowed: at <seconds 0..1e9> <command>", line);
        return false;
    }
    *rest = end + strspn(end, " \t");
    return true;
}

static void defaults(void) {
    world.profile = profile_by_name("b200");
    world.device_count = 0;
    world.seed = 1;
    world.domain = 1;
    world.tray = 1;
    *world.driver_version_text = '\0';
    scheduled_count = 0;
}

/* The names that the 535.261.03 library does not export, of which this one has some. */
static void hide_functions_after_535(void) {
    static const char *const names[] = {
#define F(name) #name,
#include "after_535.inc"
#undef F
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int function = function_by_name(names[i]);
        if (function >= 0)
            world.missing[function] = true;
    }
}

static bool read_declaration(char *line, char *error) {
    char verb[LINE_LENGTH], value[LINE_LENGTH], surplus[LINE_LENGTH];
    int words = sscanf(line, "%s %s %s", verb, value, surplus);
    if (words < 1 || !is_declaration(verb))
        return true;
    if (words != 2) {
        snprintf(error, ERROR_SIZE, "%s: %s given, allowed: one value", verb, words == 1 ? "nothing" : "more than one value");
        return false;
    }
    return declare(verb, value, error);
}

static bool read_command(char *line, char *error) {
    double seconds;
    char *rest, verb[LINE_LENGTH] = "";
    if (!take_time(line, &seconds, &rest, error))
        return false;
    sscanf(rest, "%s", verb);
    bool immediate = rest == line;
    if (immediate && is_declaration(verb))
        return true;
    char copy[LINE_LENGTH];
    snprintf(copy, sizeof copy, "%s", rest);
    if (immediate)
        return run_command(copy, RUN, NO_HOLDER, stderr, error);
    if (!run_command(copy, CHECK_ONLY, NO_HOLDER, stderr, error))
        return false;
    struct scheduled *entry = &schedule[scheduled_count++];
    *entry = (struct scheduled){.due_ns = llround(seconds * 1e9)};
    snprintf(entry->text, sizeof entry->text, "%s", rest);
    return true;
}

/* Without the comment and the blanks around it; of a scenario.yaml what scenario.conf would have there. */
static bool prepare(char *line, bool yaml, char *error) {
    char blanks[LINE_LENGTH];
    snprintf(blanks, sizeof blanks, "%s", line);
    strip(line);
    return !yaml || !*line || read_yaml(line, LINE_LENGTH, blanks, error);
}

static bool each_line(FILE *file, const char *path, bool yaml, bool (*read)(char *, char *)) {
    char line[LINE_LENGTH], error[ERROR_SIZE];
    rewind(file);
    begin_yaml();
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        if (number > MOST_LINES)
            return mistake(path, number, "scenario: one more line given, allowed: at most 1024 lines");
        if (strlen(line) == sizeof line - 1)
            return mistake(path, number, "scenario: a longer line given, allowed: at most 510 characters");
        if (!prepare(line, yaml, error) || (*line && !read(line, error)))
            return mistake(path, number, error);
    }
    return true;
}

/* False where there is one that cannot be read; NULL where there is none. */
static bool open_scenario(char *path, size_t size, const char *name, FILE **file) {
    snprintf(path, size, "%s/%s", world.directory, name);
    *file = fopen(path, "re");
    if (*file || errno == ENOENT)
        return true;
    say("%s: %s", path, strerror(errno));
    return false;
}

bool load_scenario(void) {
    char path[sizeof world.directory + 16];
    FILE *file, *lines;
    defaults();
    if (!open_scenario(path, sizeof path, "scenario.conf", &lines))
        return false;
    if (!open_scenario(path, sizeof path, "scenario.yaml", &file)) {
        if (lines)
            fclose(lines);
        return false;
    }
    if (file && lines) {
        say("%s: scenario.conf given as well, allowed: one of them", path);
        fclose(file);
        fclose(lines);
        return false;
    }
    bool yaml = file != NULL;
    if (lines) {
        file = lines;
        snprintf(path, sizeof path, "%s/scenario.conf", world.directory);
    }
    bool read = !file || each_line(file, path, yaml, read_declaration);
    if (read) {
        if (world.device_count == 0)
            world.device_count = world.profile->devices;
        if (!*world.driver_version_text)
            parse_driver_version(world.profile->driver_version ? world.profile->driver_version : "580.82.07");
        if (world.profile->library_535)
            hide_functions_after_535();
        build_devices();
        read = !file || each_line(file, path, yaml, read_command);
    }
    for (unsigned slot = 0; read && slot < world.device_count; slot++)
        settle(&world.devices[slot]);
    if (file)
        fclose(file);
    return read;
}

int64_t run_due_commands(void) {
    int64_t now = simulated_ns(), next = -1;
    while (true) { /* in the order of their times, and of their lines for equal times */
        struct scheduled *first = NULL;
        for (struct scheduled *entry = schedule; entry < schedule + scheduled_count; entry++)
            if (!entry->done && (!first || entry->due_ns < first->due_ns))
                first = entry;
        if (!first)
            return next;
        if (first->due_ns > now)
            return first->due_ns - now;
        char error[ERROR_SIZE];
        first->done = true;
        if (!run_command(first->text, RUN, NO_HOLDER, stderr, error))
            say("scenario: %s", error);
    }
}
