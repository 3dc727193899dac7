/*
 * millwright-load DIRECTORY SECONDS LOAD: stands in for a program of CUDA on simulated accelerators. It finds the
 * devices of CUDA_VISIBLE_DEVICES among the simulated nodes beneath DIRECTORY, loads them for so long, and is listed as
 * their process. What it loads is held by its connection to the node, so that nothing of it stays however it ends.
 * Exit: 0 done, 1 no such devices, 64 usage.
 *
 * The hardware lives in the agent that reads it: when that is away, the program waits for it, as a program on a real
 * device would go on.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_DEVICES 64
#define REPLY_SIZE 16384
#define PATIENCE_S 15 /* for a node whose agent is just starting */
#define REPORT_S 2
#define HELD_BYTES (48LL << 30)

static char *uuids[MOST_DEVICES];
static int uuid_count;

static struct {
    char name[256];
    int socket;
    int slots[MOST_DEVICES];
} node = {.socket = -1};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void nap(double seconds) {
    struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static int open_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = 5};
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    strcpy(address.sun_path, path);
    int opened = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(opened, (struct sockaddr *)&address, sizeof address) == 0)
        return opened;
    close(opened);
    return -1;
}

/* The lines of the answer without the closing one; NULL when the node is gone or refuses. */
static const char *ask(int to, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *ask(int to, const char *format, ...) {
    static char reply[REPLY_SIZE];
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof line || send(to, line, (size_t)length, MSG_NOSIGNAL) != length)
        return NULL;
    for (size_t size = 0; size < sizeof reply - 1;) {
        ssize_t received = recv(to, reply + size, sizeof reply - 1 - size, 0);
        if (received <= 0)
            return NULL;
        reply[size += (size_t)received] = '\0';
        char *last = size >= 3 ? reply + size - 3 : reply;
        if (strcmp(last, "ok\n") == 0 && (last == reply || last[-1] == '\n')) {
            *last = '\0';
            return reply;
        }
        if (strncmp(reply, "error:", 6) == 0 && reply[size - 1] == '\n')
            return NULL;
    }
    return NULL;
}

/* How many of our devices the node has. */
static int look_for_devices(int to) {
    int found = 0;
    const char *reply;
    for (int i = 0; i < uuid_count; i++)
        node.slots[i] = -1;
    for (int slot = 0; slot < MOST_DEVICES && (reply = ask(to, "get %d\n", slot)); slot++)
        for (int i = 0; i < uuid_count; i++) {
            char wanted[128];
            snprintf(wanted, sizeof wanted, "\nuuid=%.96s\n", uuids[i]);
            if (strstr(reply, wanted)) {
                node.slots[i] = slot;
                found++;
            }
        }
    return found;
}

static bool hold(int to, double load) {
    for (int i = 0; i < uuid_count; i++)
        if (!ask(to, "hold %d process %d %lld\n", node.slots[i], (int)getpid(), HELD_BYTES) ||
            !ask(to, "hold %d load %f\n", node.slots[i], load))
            return false;
    return true;
}

static bool take(const char *directory, const char *name, double load) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s/control.sock", directory, name);
    int opened = open_socket(path);
    if (opened >= 0 && look_for_devices(opened) == uuid_count && hold(opened, load)) {
        node.socket = opened;
        snprintf(node.name, sizeof node.name, "%s", name);
        return true;
    }
    if (opened >= 0)
        close(opened);
    return false;
}

static bool find_node(const char *directory, double load) {
    DIR *nodes = opendir(directory);
    bool found = false;
    if (!nodes)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(nodes));)
        if (entry->d_name[0] != '.')
            found = take(directory, entry->d_name, load);
    closedir(nodes);
    return found;
}

static bool report(double left) {
    char watts[512] = "";
    for (int i = 0; i < uuid_count; i++) {
        const char *reply = ask(node.socket, "get %d power_mw\n", node.slots[i]);
        const char *equals = reply ? strchr(reply, '=') : NULL;
        if (!equals)
            return false;
        size_t used = strlen(watts);
        snprintf(watts + used, sizeof watts - used, "%s%.0f W", i ? " + " : "", strtod(equals + 1, NULL) / 1e3);
    }
    printf("SIMULATED work on %d GPU%s of %s: %s, %.0f s left\n", uuid_count, uuid_count == 1 ? "" : "s", node.name, watts,
           left);
    return true;
}

static void lose_node(void) {
    printf("SIMULATED node %s does not answer: its agent is away; waiting for it\n", node.name);
    close(node.socket);
    node.socket = -1;
}

static int work(const char *directory, double seconds, double load) {
    double begun = now_s(), end = begun + seconds, next_report = begun + 0.5;
    bool found = false;
    for (double now = begun; now < end; now = now_s()) {
        if (node.socket < 0 && !find_node(directory, load) && !found && now > begun + PATIENCE_S) {
            fprintf(stderr, "millwright-load: no simulated node beneath %s has all of the devices %s, or none lets this user "
                            "use it\n", directory, getenv("CUDA_VISIBLE_DEVICES"));
            return 1;
        }
        found |= node.socket >= 0;
        if (node.socket >= 0 && now >= next_report) {
            next_report = now + REPORT_S;
            if (!report(end - now))
                lose_node();
        }
        nap(end - now < 0.2 ? end - now : 0.2);
    }
    printf("SIMULATED work done\n");
    return 0;
}

static bool read_devices(void) {
    const char *given = getenv("CUDA_VISIBLE_DEVICES");
    char *rest = NULL, *copy = given ? strdup(given) : NULL;
    for (char *uuid = copy ? strtok_r(copy, ",", &rest) : NULL; uuid && uuid_count < MOST_DEVICES;
         uuid = strtok_r(NULL, ",", &rest))
        uuids[uuid_count++] = uuid;
    return uuid_count > 0;
}

static bool number(const char *text, double most, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && *value >= 0 && *value <= most;
}

int main(int argc, char **argv) {
    double seconds, load;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 4 || !number(argv[2], 1e6, &seconds) || !number(argv[3], 1, &load)) {
        fprintf(stderr, "usage: millwright-load DIRECTORY SECONDS LOAD, with a load from 0 to 1\n");
        return 64;
    }
    if (!read_devices()) {
        fprintf(stderr, "millwright-load: CUDA_VISIBLE_DEVICES names no device: ask for some, as with --gpus 2\n");
        return 1;
    }
    return work(argv[1], seconds, load);
}
