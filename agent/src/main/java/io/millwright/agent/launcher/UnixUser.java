package io.millwright.agent.launcher;

/** A user of this node, by its numbers. */
public record UnixUser(String name, long uid, long gid, String home) {}
