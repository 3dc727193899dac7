package io.millwright.collector.scheduler;

import io.millwright.collector.operations.StrictYaml;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the site's scheduler is told.
 *
 * @param dryRun whether commands are only said and written down
 * @param opened what is run where an incident takes a node out
 * @param closed what is run when the last such incident of the node is over; empty where people
 *     bring nodes back themselves
 * @param deadline after which a command is killed
 * @param perHour nodes that may be taken out within an hour
 */
public record SchedulerOptions(
    boolean dryRun, Template opened, Optional<Template> closed, Duration deadline, int perHour) {
  private static final int LARGEST = 64 << 10;
  private static final int USUAL_PER_HOUR = 10;
  private static final Duration USUAL_DEADLINE = Duration.ofSeconds(10);
  private static final Pattern SECONDS = Pattern.compile("([1-9]|[1-5][0-9]|60)s");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,3}");

  /**
   * Reads the site's file.
   *
   * @throws IOException where it cannot be read
   * @throws IllegalArgumentException where it has a mistake; one sentence
   */
  public static SchedulerOptions read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IllegalArgumentException(
          "scheduler %s: %d bytes are refused; allowed are up to %d"
              .formatted(file, Files.size(file), LARGEST));
    }
    try {
      return of(Files.readString(file, StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "scheduler %s: it is not UTF-8; write it in UTF-8".formatted(file), e);
    } catch (JsonMistake e) {
      throw new IllegalArgumentException("scheduler %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  static SchedulerOptions of(String text) {
    Fields fields =
        Fields.of(
            "", StrictYaml.tree(text), List.of("mode", "opened", "closed", "deadline", "per_hour"));
    String mode = fields.optionalText("mode").orElse("dry-run");
    if (!mode.equals("dry-run") && !mode.equals("act")) {
      throw JsonMistake.refused("mode", Shown.quoted(mode), "dry-run or act");
    }
    return new SchedulerOptions(
        mode.equals("dry-run"),
        Template.of("opened", fields.texts("opened")),
        fields.has("closed")
            ? Optional.of(Template.of("closed", fields.texts("closed")))
            : Optional.empty(),
        fields.optionalText("deadline").map(SchedulerOptions::span).orElse(USUAL_DEADLINE),
        fields.optionalText("per_hour").map(SchedulerOptions::count).orElse(USUAL_PER_HOUR));
  }

  private static Duration span(String given) {
    Matcher matcher = SECONDS.matcher(given);
    if (!matcher.matches()) {
      throw JsonMistake.refused("deadline", Shown.quoted(given), "1s to 60s");
    }
    return Duration.ofSeconds(Long.parseLong(matcher.group(1)));
  }

  private static int count(String given) {
    if (!COUNT.matcher(given).matches()) {
      throw JsonMistake.refused("per_hour", Shown.quoted(given), "a number from 1 to 9999");
    }
    return Integer.parseInt(given);
  }
}
