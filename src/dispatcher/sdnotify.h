/*
 * Tells systemd how we are (sd_notify(3)): one datagram to $NOTIFY_SOCKET.
 * The protocol is that simple, and libsystemd would be linked for it alone.
 */
#ifndef EWA_DISPATCHER_SDNOTIFY_H
#define EWA_DISPATCHER_SDNOTIFY_H

/* "READY=1", "STOPPING=1", "STATUS=...".  Without the variable nothing
 * happens. */
void sdnotify(const char *state);

#endif
