package io.millwright.agent.watch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One record of {@code /dev/kmsg}: {@code priority,sequence,microseconds,flags;text}, as the
 * kernel's Documentation/ABI/testing/dev-kmsg has it.
 *
 * @param facility 0 where the kernel itself speaks; what a user writes into the log has another
 * @param sequence rises by one with each record since the boot
 * @param micros of the monotonic clock
 */
record KernelLine(int facility, long sequence, long micros, String text) {
  private static final Pattern RECORD =
      Pattern.compile("(\\d{1,6}),(\\d{1,18}),(\\d{1,18}),[^;]{0,256};(.*)");
  private static final Pattern ESCAPED = Pattern.compile("\\\\x[0-9a-f]{2}");
  private static final int LEVELS = 8;

  /** Empty for what is no record, as the lines of key and value that may follow one. */
  static Optional<KernelLine> of(String line) {
    Matcher parts = RECORD.matcher(line);
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new KernelLine(
            Integer.parseInt(parts.group(1)) / LEVELS,
            Long.parseLong(parts.group(2)),
            Long.parseLong(parts.group(3)),
            ESCAPED.matcher(parts.group(4)).replaceAll(" ")));
  }

  boolean isOfTheKernel() {
    return facility == 0;
  }
}
