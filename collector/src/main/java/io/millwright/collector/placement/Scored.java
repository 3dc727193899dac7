package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a node would give, and what speaks for it. */
record Scored(Offer offer, List<Mark> marks, double score) implements Ranked {
  Scored {
    marks = List.copyOf(marks);
  }

  /** With one reason more. */
  Scored with(Mark mark) {
    return new Scored(
        offer,
        Stream.concat(marks.stream(), Stream.of(mark)).toList(),
        score + mark.weight() * mark.value());
  }

  NodeView node() {
    return offer.candidate().node();
  }

  @Override
  public String name() {
    return node().name();
  }

  @Override
  public Location location() {
    return node().location();
  }

  /** Whether it is known by an address that no other machine reaches. */
  boolean loopback() {
    return node().contact() instanceof Contact.At at && at.loopback();
  }

  Share share(List<Mark> more) {
    Candidate candidate = offer.candidate();
    List<String> uuids = offer.chosen().stream().map(DeviceView::uuid).toList();
    return new Share(
        name(),
        new DeviceSet(candidate.needs().devices().kind(), uuids),
        Stream.concat(marks.stream(), more.stream()).toList(),
        node().contact() instanceof Contact.At(String address)
            ? Optional.of(address)
            : Optional.empty());
  }
}
