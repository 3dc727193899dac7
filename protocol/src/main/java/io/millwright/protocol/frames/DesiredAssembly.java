package io.millwright.protocol.frames;

import java.util.Arrays;
import java.util.Optional;

/**
 * Joins the parts of a desired state. It holds at most one unfinished body, of at most {@link
 * DesiredPart#LARGEST_BODY}; a state of one part passes by it, so a stop need not wait.
 *
 * <p><i>Lifecycle:</i> one for each connection. <i>Threading:</i> one owner thread. <i>Failure:</i>
 * parts that do not fit are {@link DesiredResult.Unreadable}, and what was held is forgotten.
 */
public final class DesiredAssembly {
  private Optional<Unfinished> unfinished = Optional.empty();

  private record Unfinished(Frame.Desired first, WireOutput bytes, int parts) {
    boolean continuedBy(Frame.Desired next) {
      return next.head().equals(first.head())
          && next.part().digest().equals(first.part().digest())
          && next.part().size() == first.part().size()
          && next.part().of() == first.part().of()
          && next.part().number() == parts + 1;
    }
  }

  public DesiredResult add(Frame.Desired desired) {
    if (desired.part().of() == 1) {
      return finish(desired, desired.part().bytes());
    }
    Optional<Unfinished> before =
        desired.part().number() == 1
            ? Optional.of(new Unfinished(desired, new WireOutput(Payload.LONGEST_BODY), 0))
            : unfinished.filter(held -> held.continuedBy(desired));
    unfinished = Optional.empty();
    return before
        .map(held -> join(held, desired))
        .orElseGet(() -> unreadable(desired, "it does not follow the part before it"));
  }

  private DesiredResult join(Unfinished held, Frame.Desired desired) {
    DesiredPart part = desired.part();
    if (held.bytes().length() + part.bytes().length() > part.size()) {
      return unreadable(desired, "the parts are longer than %d bytes".formatted(part.size()));
    }
    held.bytes().raw(part.bytes().shared());
    if (part.number() < part.of()) {
      unfinished = Optional.of(new Unfinished(held.first(), held.bytes(), part.number()));
      return new DesiredResult.Waiting(part.of() - part.number());
    }
    return finish(
        desired, Payload.owning(Arrays.copyOf(held.bytes().array(), held.bytes().length())));
  }

  private static DesiredResult finish(Frame.Desired desired, Payload body) {
    DesiredPart part = desired.part();
    if (body.length() != part.size()) {
      return unreadable(desired, "%s instead of %d".formatted(body, part.size()));
    }
    return DesiredBodies.digest(body.shared(), body.length()).equals(part.digest())
        ? new DesiredResult.Whole(desired.urgent(), desired.head(), body)
        : unreadable(desired, "the digest is another");
  }

  private static DesiredResult unreadable(Frame.Desired desired, String what) {
    return new DesiredResult.Unreadable(
        desired.head(),
        "part %d of %d of generation %d: %s"
            .formatted(
                desired.part().number(), desired.part().of(), desired.head().generation(), what));
  }
}
