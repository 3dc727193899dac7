package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The filters that every job passes. */
final class Filters {
  /** In the order in which a person would look. */
  static final List<Filter> ALL =
      List.of(
          Filters::presence,
          Filters::duty,
          Filters::devices,
          Filters::tenancy,
          Filters::groups,
          Filters::contact,
          Filters::capabilities);

  private static final int MOST_NAMED = 4;

  private Filters() {}

  private static Optional<String> presence(Candidate candidate) {
    return switch (candidate.node().presence()) {
      case Presence.Connected() -> Optional.empty();
      case Presence.Lost(Duration since) -> Optional.of("lost since " + words(since));
      case Presence.Unseen() -> Optional.of("never heard of since the collector started");
      case Presence.Returning() ->
          Optional.of("has just come back and has not said yet what it holds");
    };
  }

  private static String words(Duration since) {
    if (since.compareTo(Duration.ofMinutes(2)) < 0) {
      return since.toSeconds() + " s";
    }
    return since.compareTo(Duration.ofHours(2)) < 0
        ? since.toMinutes() + " min"
        : since.toHours() + " h";
  }

  private static Optional<String> duty(Candidate candidate) {
    return switch (candidate.node().duty()) {
      case Duty.InService() -> Optional.empty();
      case Duty.Cordoned(String reason) ->
          Optional.of(reason.isEmpty() ? "cordoned" : "cordoned: " + reason);
      case Duty.Withdrawn(String words) -> Optional.of(words);
      case Duty.Closing closing -> overrun(closing, candidate.needs());
      case Duty.Declining(String why) -> Optional.of(why);
    };
  }

  /** A job must be over, its grace included, when people come. */
  private static Optional<String> overrun(Duty.Closing closing, Needs needs) {
    OptionalLong longestMs = needs.longestMs();
    if (longestMs.isEmpty()) {
      return closing.near()
          ? Optional.of(
              "%s begins in %s, and the job has no time limit"
                  .formatted(closing.what(), words(closing.left())))
          : Optional.empty();
    }
    Duration longest = Duration.ofMillis(longestMs.getAsLong());
    return longest.compareTo(closing.left()) > 0
        ? Optional.of(
            "%s begins in %s, and the job may take %s"
                .formatted(closing.what(), words(closing.left()), words(longest)))
        : Optional.empty();
  }

  private static Optional<String> devices(Candidate candidate) {
    if (candidate.free().size() >= candidate.wanted()) {
      return Optional.empty();
    }
    List<DeviceView> all = ofWantedKind(candidate).toList();
    if (all.isEmpty()) {
      return Optional.of("no %s, %d wanted".formatted(kind(candidate), candidate.wanted()));
    }
    return Optional.of(
        "%d %s, %d free, %d wanted%s"
            .formatted(
                all.size(),
                noun(candidate, all.size()),
                candidate.free().size(),
                candidate.wanted(),
                unfit(all)));
  }

  /** One tenant a Neuron host: whoever opens a device can reach all memory of the host. */
  private static Optional<String> tenancy(Candidate candidate) {
    Set<String> own = Set.of(candidate.needs().user());
    return switch (candidate.node().tenancy()) {
      case Tenancy.Vacant() -> Optional.empty();
      case Tenancy.Let(Set<String> users) when users.equals(own) -> Optional.empty();
      case Tenancy.Let let ->
          Optional.of(
              "its Neuron devices are let to another user until that one's jobs end: whoever has"
                  + " one can reach the memory of the host");
      case Tenancy.Inhabited(Set<String> users) when !wantsNeuron(candidate) || users.equals(own) ->
          Optional.empty();
      case Tenancy.Inhabited inhabited ->
          Optional.of(
              "another user's job runs there: whoever has a Neuron device can reach the memory of"
                  + " the host");
      case Tenancy.Unclear() ->
          Optional.of("its Neuron devices are held by a run that this collector does not know");
    };
  }

  /** Members of a run over several nodes must be able to meet. */
  private static Optional<String> contact(Candidate candidate) {
    return switch (candidate.node().contact()) {
      case Contact.None(String why) when candidate.needs().nodes() > 1 -> Optional.of(why);
      case Contact.None none -> Optional.empty();
      case Contact.At at -> Optional.empty();
    };
  }

  /** An agent that does not know what a job asks for would read none of its orders. */
  private static Optional<String> capabilities(Candidate candidate) {
    return candidate.needs().capabilities().stream()
        .flatMap(word -> Optional.ofNullable(candidate.node().lacks().get(word)).stream())
        .findFirst();
  }

  private static boolean wantsNeuron(Candidate candidate) {
    return candidate.needs().devices().kind() == DeviceKind.NEURON && candidate.wanted() > 0;
  }

  private static Optional<String> groups(Candidate candidate) {
    if (!candidate.grouped()) {
      return Optional.empty();
    }
    Grouping grouping = candidate.node().topology().grouping();
    Optional<String> never = grouping.refusal(candidate.wanted(), candidate.size());
    if (never.isPresent() || !candidate.freeGroups().isEmpty()) {
      return never;
    }
    return Optional.of(
        "%d accelerators, %d free, %d wanted that belong together, and no such group is free: free are %s"
            .formatted(
                ofWantedKind(candidate).count(),
                candidate.free().size(),
                candidate.wanted(),
                candidate.free().stream().map(DeviceView::index).sorted().toList()));
  }

  static Stream<DeviceView> ofWantedKind(Candidate candidate) {
    return candidate.node().devices().stream()
        .filter(device -> device.serves(candidate.needs().devices()));
  }

  private static String kind(Candidate candidate) {
    return candidate.needs().devices().mig().isPresent()
        ? noun(candidate, 1)
        : candidate.needs().devices().kind().name().toLowerCase(Locale.ROOT);
  }

  private static String noun(Candidate candidate, int count) {
    String plural = count == 1 ? "" : "s";
    return candidate
        .needs()
        .devices()
        .mig()
        .map(wanted -> "MIG instance%s of %s or more".formatted(plural, wanted.text()))
        .orElse("accelerator" + plural);
  }

  private static String unfit(List<DeviceView> all) {
    List<DeviceView> unfit = all.stream().filter(device -> !device.fit()).toList();
    if (unfit.isEmpty()) {
      return "";
    }
    String named =
        unfit.stream().limit(MOST_NAMED).map(Filters::trouble).collect(Collectors.joining(", "));
    int more = unfit.size() - MOST_NAMED;
    return "; " + named + (more > 0 ? " and %d more".formatted(more) : "");
  }

  private static String trouble(DeviceView device) {
    String name = (device.profile().isPresent() ? "an instance of " : "") + device.index();
    return switch (device.condition()) {
      case Condition.Fit() -> "%s is fit".formatted(name);
      case Condition.Unfit(String reason) -> "%s is unfit (%s)".formatted(name, reason);
      case Condition.Unknown() -> "%s was not observed".formatted(name);
    };
  }
}
