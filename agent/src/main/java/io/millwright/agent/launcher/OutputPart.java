package io.millwright.agent.launcher;

import java.nio.file.Path;

/**
 * A file of what a run has printed.
 *
 * @param offset of its first byte, in bytes from the run's first one on
 */
public record OutputPart(long offset, Path file) {}
