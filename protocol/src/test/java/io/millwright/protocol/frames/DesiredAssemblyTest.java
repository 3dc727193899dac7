package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DesiredAssemblyTest {
  private static final DesiredHead HEAD = DesiredHead.full(new Term(1, 2, 3), 14);

  private final DesiredAssembly assembly = new DesiredAssembly();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 59_999, 60_000, 60_001, 180_000, DesiredPart.LARGEST_BODY})
  void joinsWhatWasSplit(int size) {
    Payload body = new RandomFrames(size).bytes(size, size);
    List<Frame.Desired> frames = DesiredBodies.split(HEAD, body);
    for (int i = 0; i < frames.size() - 1; i++) {
      assertThat(assembly.add(overTheWire(frames.get(i))))
          .isEqualTo(new DesiredResult.Waiting(frames.size() - 1 - i));
    }
    assertThat(assembly.add(overTheWire(frames.getLast())))
        .isEqualTo(new DesiredResult.Whole(false, HEAD, body));
  }

  private static Frame.Desired overTheWire(Frame.Desired frame) {
    return (Frame.Desired) Reads.frame(FrameWriter.encode(frame), FrameType.DESIRED);
  }

  @Test
  void letsAStopPassByWhatIsUnfinished() {
    Payload large = new RandomFrames(1).bytes(130_000, 130_000);
    List<Frame.Desired> frames = DesiredBodies.split(HEAD, large);
    assembly.add(frames.get(0));
    DesiredHead stop = DesiredHead.change(HEAD.term(), 15, 13);
    Payload body = Payload.ofText("{\"stop\":[]}");
    assertThat(assembly.add(DesiredBodies.splitUrgent(stop, body).getFirst()))
        .isEqualTo(new DesiredResult.Whole(true, stop, body));
    assembly.add(frames.get(1));
    assertThat(assembly.add(frames.get(2))).isEqualTo(new DesiredResult.Whole(false, HEAD, large));
  }

  @Test
  void refusesAPartThatDoesNotFollow() {
    List<Frame.Desired> frames =
        DesiredBodies.split(HEAD, new RandomFrames(1).bytes(200_000, 200_000));
    assertThat(assembly.add(frames.get(1))).isInstanceOf(DesiredResult.Unreadable.class);
    assembly.add(frames.get(0));
    assertThat(assembly.add(frames.get(2))).isInstanceOf(DesiredResult.Unreadable.class);
    assertThat(assembly.add(frames.get(1)))
        .as("forgotten with the part that did not follow")
        .isInstanceOf(DesiredResult.Unreadable.class);
    List<Frame.Desired> others =
        DesiredBodies.split(HEAD, new RandomFrames(2).bytes(200_000, 200_000));
    assembly.add(frames.get(0));
    assertThat(assembly.add(others.get(1))).isInstanceOf(DesiredResult.Unreadable.class);
  }

  @Test
  void refusesAnotherDigestAndAnotherSize() {
    Payload body = Payload.ofText("{}");
    DesiredPart part = DesiredBodies.split(HEAD, body).getFirst().part();
    DesiredPart damaged = new DesiredPart(part.digest(), part.size(), 1, 1, Payload.ofText("[]"));
    assertThat(assembly.add(new Frame.Desired(false, HEAD, damaged)))
        .isEqualTo(
            new DesiredResult.Unreadable(
                HEAD, "part 1 of 1 of generation 14: the digest is another"));
    DesiredPart longer = new DesiredPart(part.digest(), 1, 1, 1, body);
    assertThat(assembly.add(new Frame.Desired(false, HEAD, longer)))
        .isInstanceOf(DesiredResult.Unreadable.class);
    DesiredPart first = new DesiredPart(part.digest(), 1, 1, 2, body);
    assertThat(assembly.add(new Frame.Desired(false, HEAD, first)))
        .isInstanceOf(DesiredResult.Unreadable.class);
  }

  @Test
  void refusesABodyBeyondTheLargest() {
    int size = DesiredPart.LARGEST_BODY + 1;
    Payload body = new RandomFrames(1).bytes(size, size);
    assertThatThrownBy(() -> DesiredBodies.split(HEAD, body))
        .hasMessageContaining("desired body bytes: '8388609' is refused");
  }
}
