/*
 * A process that loads a node's library second has no control socket and a world of its own. A power limit is the
 * driver's and no process's: such a process takes the limits over from the first one, and passes on what it sets.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "world.h"

static int connected(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 2};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/control.sock", world.directory) >=
        (int)sizeof address.sun_path)
        return -1;
    int first = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(first, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(first, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (first >= 0 && connect(first, (struct sockaddr *)&address, sizeof address) == 0)
        return first;
    if (first >= 0)
        close(first);
    return -1;
}

/* The reply of one command up to its last line, "ok"; false when nobody gave one. */
static bool tell(int first, const char *command, char *reply, size_t size) {
    size_t length = 0;
    if (send(first, command, strlen(command), MSG_NOSIGNAL) != (ssize_t)strlen(command))
        return false;
    while (length + 1 < size) {
        ssize_t received = recv(first, reply + length, size - 1 - length, 0);
        if (received <= 0)
            return false;
        length += (size_t)received;
        reply[length] = '\0';
        if (length >= 3 && strcmp(reply + length - 3, "ok\n") == 0)
            return true;
    }
    return false;
}

void take_limits_over(void) {
    static const char key[] = "power_limit_mw=";
    int first = connected();
    for (unsigned slot = 0; first >= 0 && slot < world.device_count; slot++) {
        struct device *device = &world.devices[slot];
        char command[64], reply[256];
        snprintf(command, sizeof command, "get %u power_limit_mw\n", slot);
        if (tell(first, command, reply, sizeof reply) && strncmp(reply, key, sizeof key - 1) == 0) {
            pthread_mutex_lock(&device->lock);
            set_key(device, KEY_power_limit_mw, strtoll(reply + sizeof key - 1, NULL, 10));
            pthread_mutex_unlock(&device->lock);
        }
    }
    if (first >= 0)
        close(first);
}

void pass_limit_on(const struct device *device, unsigned milliwatts) {
    int first = connected();
    char command[64], reply[256];
    if (first < 0)
        return;
    snprintf(command, sizeof command, "set %u power_limit_mw %u\n", device->slot, milliwatts);
    if (!tell(first, command, reply, sizeof reply))
        say("a power limit did not reach the process that has control.sock");
    close(first);
}
