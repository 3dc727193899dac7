package io.millwright.protocol.vocabulary.job;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of a MIG instance in the words of NVIDIA's driver: {@code 1g.23gb}, {@code 1g.12gb+me},
 * and {@code 1c.3g.90gb} of one that shares a GPU instance with others.
 *
 * @param text as the driver writes it
 * @param compute slices of multiprocessors that are its own
 * @param gigabytes of memory
 * @param shared whether others have the same memory
 * @param attributes what it has or lacks beside, as in {@code +me}; empty for none
 */
public record MigProfile(
    String text, int compute, int gigabytes, boolean shared, String attributes) {
  private static final Pattern FORM =
      Pattern.compile("(?:([1-9])c\\.)?([1-9])g\\.([1-9][0-9]{0,3})gb((?:[+-][a-z.]{1,8}){0,3})");

  /** The smallest first. */
  public static final Comparator<MigProfile> ORDER =
      Comparator.comparingInt(MigProfile::gigabytes)
          .thenComparingInt(MigProfile::compute)
          .thenComparing(MigProfile::text);

  /** What the driver calls an instance so; empty for another text. */
  public static Optional<MigProfile> ofText(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    boolean shared = form.group(1) != null;
    return Optional.of(
        new MigProfile(
            text,
            Integer.parseInt(form.group(shared ? 1 : 2)),
            Integer.parseInt(form.group(3)),
            shared,
            form.group(4)));
  }

  /** That which somebody asks for. */
  public static MigProfile wanted(String text) {
    return ofText(text)
        .orElseThrow(() ->
            Wording.refused(
                "devices.mig",
                text,
                "the name of a profile as nvidia-smi mig -lgip tells it, such as 1g.23gb"));
  }

  /** Whether it has all that this one has; one that shares its memory serves who asked for that. */
  public boolean serves(MigProfile wanted) {
    boolean equipped =
        attributes.equals(wanted.attributes)
            || (wanted.attributes.isEmpty() && !attributes.contains("-"));
    return equipped
        && compute >= wanted.compute
        && gigabytes >= wanted.gigabytes
        && (wanted.shared || !shared);
  }
}
