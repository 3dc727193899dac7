/*
 * control.sock beside the library, and the thread behind it, which also runs the scenario's later commands. The thread
 * starts with the first nvmlInit and lives as long as the process; it is detached and owns no locks while it waits, so
 * that a process can end at any time. SIGPIPE cannot reach the process: MSG_NOSIGNAL.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "world.h"

#define LONGEST_LINE 1024

struct client {
    int socket;
    unsigned holder; /* never 0, and never used again within four thousand million connections */
    size_t length;
    char line[LONGEST_LINE];
};

static struct client clients[MOST_CONNECTIONS];
static int client_count;
static unsigned last_holder;

static bool somebody_answers(const struct sockaddr_un *address) {
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answered = probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof *address) == 0;
    if (probe >= 0)
        close(probe);
    return answered;
}

static int open_listener(const struct sockaddr_un *address) {
    struct stat status;
    if (lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode))
        unlink(address->sun_path); /* left behind by a process that is no more */
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* On Linux the mode of the unbound socket becomes the mode of its file: no moment at which others could connect. */
    if (listener >= 0 && fchmod(listener, 0600) == 0 &&
        bind(listener, (const struct sockaddr *)address, sizeof *address) == 0 && listen(listener, MOST_CONNECTIONS) == 0)
        return listener;
    say("no control socket: %s: %s", address->sun_path, strerror(errno));
    if (listener >= 0)
        close(listener);
    return -1;
}

/*
 * -1: no control. A second process that loads the same library (nvidia-smi beside the agent) finds somebody answering,
 * leaves the socket alone and runs its own world, from the same scenario file but with its own clock and faults. The lock
 * on the directory makes looking and binding one step when two processes start at once.
 */
static int listen_in_directory(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[sizeof world.directory + 16];
    snprintf(path, sizeof path, "%s/control.sock", world.directory);
    if (strlen(path) >= sizeof address.sun_path) {
        say("no control socket: %s has %zu bytes, at most %zu are allowed", path, strlen(path), sizeof address.sun_path - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int directory = open(world.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0)
        flock(directory, LOCK_EX);
    int listener = somebody_answers(&address) ? -1 : open_listener(&address);
    if (directory >= 0)
        close(directory);
    return listener;
}

static bool send_all(int to, const char *text, size_t length) {
    while (length > 0) {
        ssize_t sent = send(to, text, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false; /* also a client that did not read for a second: SO_SNDTIMEO below */
        text += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool answer(const struct client *client, char *line) {
    char *text = NULL, error[ERROR_SIZE];
    size_t length = 0;
    FILE *reply = open_memstream(&text, &length);
    if (!reply)
        return false;
    if (run_command(line, RUN, client->holder, reply, error))
        fputs("ok\n", reply);
    else
        fprintf(reply, "error: %s\n", error);
    fclose(reply);
    bool sent = send_all(client->socket, text, length);
    free(text);
    return sent;
}

static bool answer_lines(struct client *client) {
    char *begin = client->line, *end;
    while ((end = memchr(begin, '\n', client->length - (size_t)(begin - client->line)))) {
        *end = '\0';
        if (!answer(client, begin))
            return false;
        begin = end + 1;
    }
    client->length -= (size_t)(begin - client->line);
    memmove(client->line, begin, client->length);
    if (client->length < sizeof client->line)
        return true;
    static const char too_long[] = "error: line: more than 1023 bytes given, allowed: at most 1023\n";
    send_all(client->socket, too_long, sizeof too_long - 1);
    return false;
}

static bool serve(struct client *client) {
    ssize_t received = recv(client->socket, client->line + client->length, sizeof client->line - client->length,
                            MSG_DONTWAIT);
    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (received <= 0)
        return false;
    client->length += (size_t)received;
    return answer_lines(client);
}

static void welcome(int listener) {
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (socket < 0)
        return;
    struct timeval patience = {.tv_sec = 1};
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (client_count == MOST_CONNECTIONS) {
        static const char full[] = "error: connections: one more given, allowed: at most 32 at a time\n";
        send_all(socket, full, sizeof full - 1);
        close(socket);
        return;
    }
    if (++last_holder == NO_HOLDER)
        last_holder++;
    clients[client_count++] = (struct client){.socket = socket, .holder = last_holder};
}

static void part(const struct client *client) {
    release_holds(client->holder);
    close(client->socket);
}

static void serve_ready(const struct pollfd *ready, int listener) {
    int kept = 0, before = client_count;
    for (int i = 0; i < before; i++) {
        if (!ready[i + 1].revents || serve(&clients[i]))
            clients[kept++] = clients[i];
        else
            part(&clients[i]);
    }
    client_count = kept;
    if (ready[0].revents)
        welcome(listener);
}

/* The longest wait bounds how late a scenario command is after `unfreeze`. */
static int wait_ms(int64_t until_next_ns) {
    if (until_next_ns < 0)
        return -1;
    if (atomic_load(&world.frozen_ns) >= 0 || until_next_ns > 100000000)
        return 100;
    return (int)((until_next_ns + 999999) / 1000000);
}

static void *control(void *argument) {
    int listener = (int)(intptr_t)argument;
    while (true) {
        struct pollfd ready[MOST_CONNECTIONS + 1] = {{.fd = listener, .events = POLLIN}};
        for (int i = 0; i < client_count; i++)
            ready[i + 1] = (struct pollfd){.fd = clients[i].socket, .events = POLLIN};
        int64_t next_ns = run_due_commands();
        if (listener < 0 && next_ns < 0)
            return NULL; /* nothing will ever come */
        if (poll(ready, (nfds_t)client_count + 1, wait_ms(next_ns)) > 0)
            serve_ready(ready, listener);
    }
}

static int claimed = -1;

void claim_control(void) {
    claimed = listen_in_directory();
    world.controlled = claimed >= 0;
}

void forfeit_control(void) {
    char path[sizeof world.directory + 16];
    if (claimed < 0)
        return;
    snprintf(path, sizeof path, "%s/control.sock", world.directory);
    unlink(path);
    close(claimed);
    claimed = -1;
    world.controlled = false;
}

void start_control(void) {
    sigset_t all, before;
    pthread_t thread;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* the host program's signals are its own affair */
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 512 * 1024); /* a program may hold hundreds of worlds */
    int failure = pthread_create(&thread, &attributes, control, (void *)(intptr_t)claimed);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure)
        say("no control thread: %s", strerror(failure));
}
