package io.millwright.protocol.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.tls.TlsException;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is signed, and what a node makes of it. The key is that of RFC 8032, 7.1, TEST 1. */
class OrdersTest {
  private static final String SECRET =
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  private static final String SHOWN =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  private static final OrderSigner SIGNER =
      OrderSigner.read(
          "rfc8032",
          pem("PRIVATE KEY", "302e020100300506032b657004220420" + SECRET)
              + pem("PUBLIC KEY", "302a300506032b6570032100" + SHOWN));
  private static final String STORE = "6f1c7a8e-2d1b-4c3a-9f00-0a1b2c3d4e5f";
  private static final long NOT_AFTER = 1_790_000_000;
  private static final Instant BEFORE = Instant.ofEpochSecond(NOT_AFTER - 60);
  private static final String TEXT =
      "{\"job\":\"train\",\"run\":3,\"node\":\"gpu-07\",\"term\":{\"generation\":1,\"number\":5,\"start\":-8123},\"generation\":17,\"spec\":{\"name\":\"train\",\"argv\":[\"/opt/train.sh\",\"a \\\"b\\\" \\\\ é\"],\"env\":{\"A\":\"b\"},\"user\":\"anna\",\"project\":\"llm\",\"priority\":50,\"devices\":{\"kind\":\"gpu\",\"count\":1},\"nodes\":1,\"stop_grace_ms\":10000,\"lease\":\"keep\"},\"devices\":{\"kind\":\"gpu\",\"uuids\":[\"GPU-1\"]}}";

  @TempDir private Path directory = Path.of("");

  private static String pem(String kind, String hex) {
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(kind, Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex)));
  }

  private static Assignment assignment() {
    return JobJson.assignment(TEXT.getBytes(StandardCharsets.UTF_8));
  }

  private static StartOrder order() {
    return SIGNER.sign(assignment(), STORE, NOT_AFTER);
  }

  private static String judged(StartOrder order, String node, Instant now, OrderKey... keys) {
    return switch (new OrderKeys(List.of(keys)).judge(order, node, now)) {
      case OrderKeys.Judgement.Good(Assignment wanted) -> "good " + wanted.id().text();
      case OrderKeys.Judgement.Bad(String why) -> why;
    };
  }

  private static String judged(StartOrder order) {
    return judged(order, "gpu-07", BEFORE, SIGNER.key());
  }

  /** The signature was made by {@code openssl pkeyutl -sign -rawin} of these bytes. */
  @Test
  void theBytesThatAreSignedStayTheSame() {
    byte[] message = StartText.of(TEXT, assignment(), STORE, NOT_AFTER);

    assertThat(new String(message, StandardCharsets.UTF_8))
        .isEqualTo(
            """
            millwright-start 1
            node gpu-07
            store 6f1c7a8e-2d1b-4c3a-9f00-0a1b2c3d4e5f
            term 1 5 -8123
            run train 3
            not-after 1790000000
            assignment 83d419a1818181715a83a01e4b5ad5f18fb8894c2c383b353ca5781cc2582f02
            """);
    assertThat(SIGNER.key().id()).isEqualTo("06e3fd8fda29bb60");
    assertThat(order())
        .isEqualTo(
            new StartOrder(
                TEXT,
                STORE,
                NOT_AFTER,
                "06e3fd8fda29bb60",
                "vtvMGi+ptro2KNzJo4wDN2LWEjpiq986qxp7Bx6RTHds8q9AUzn4aW2pTl72segON8WJFxOHz2gcQHu5G5baDQ=="));
  }

  @Test
  void whatTheCollectorSignedIsWhatTheNodeReads() {
    assertThat(new OrderKeys(List.of(SIGNER.key())).judge(order(), "gpu-07", BEFORE))
        .isEqualTo(new OrderKeys.Judgement.Good(assignment()));
  }

  /** Of each value of the order, and of each letter of the job. */
  @Test
  void nothingOfItCanBeChanged() {
    StartOrder order = order();
    String changed = "order: run train-r3 is not what key " + order.key() + " signed";
    assertThat(judged(with(order, TEXT, "another-store", NOT_AFTER))).startsWith(changed);
    assertThat(judged(with(order, TEXT, STORE, NOT_AFTER + 1))).startsWith(changed);
    assertThat(judged(with(order, TEXT + " ", STORE, NOT_AFTER))).startsWith(changed);
    for (String[] other :
        new String[][] {
          {"\"run\":3", "\"run\":4"},
          {"\"job\":\"train\",", "\"job\":\"other\","},
          {"\"node\":\"gpu-07\"", "\"node\":\"gpu-08\""},
          {"\"generation\":1,", "\"generation\":2,"},
          {"\"number\":5", "\"number\":6"},
          {"-8123", "-8124"},
          {"\"generation\":17", "\"generation\":18"},
          {"\"name\":\"train\"", "\"name\":\"other\""},
          {"/opt/train.sh", "/bin/sh"},
          {"é", "e"},
          {"{\"A\":\"b\"}", "{\"A\":\"c\"}"},
          {"{\"A\":\"b\"}", "{}"},
          {"anna", "bert"},
          {"llm", "other"},
          {"\"priority\":50", "\"priority\":51"},
          {"\"count\":1", "\"count\":2"},
          {"\"gpu\"", "\"neuron\""},
          {"\"nodes\":1", "\"nodes\":2"},
          {"10000", "10001"},
          {"\"keep\"", "\"stop\""},
          {"GPU-1", "GPU-2"},
          {"\"user\"", "\"cwd\":\"/\",\"user\""},
          {"\"lease\"", "\"memory_bytes\":1073741824,\"lease\""},
        }) {
      assertThat(TEXT).contains(other[0]);
      assertThat(judged(with(order, TEXT.replace(other[0], other[1]), STORE, NOT_AFTER)))
          .as("%s for %s", other[1], other[0])
          .startsWith("order: ")
          .containsAnyOf("signed", "cannot be read");
    }
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      char[] letters = TEXT.toCharArray();
      int at = random.nextInt(letters.length);
      letters[at] = (char) (letters[at] ^ (1 << random.nextInt(5)));
      if (!Character.isISOControl(letters[at])) {
        assertThat(judged(with(order, new String(letters), STORE, NOT_AFTER)))
            .as("seed %d", seed)
            .startsWith("order: ");
      }
    }
  }

  private static StartOrder with(StartOrder order, String text, String store, long notAfter) {
    return new StartOrder(text, store, notAfter, order.key(), order.signature());
  }

  @Test
  void everyBitOfTheSignatureCounts() {
    StartOrder order = order();
    byte[] signature = Base64.getDecoder().decode(order.signature());
    for (int i = 0; i < signature.length; i++) {
      byte[] other = signature.clone();
      other[i] ^= 1;
      assertThat(
              judged(
                  new StartOrder(
                      TEXT,
                      STORE,
                      NOT_AFTER,
                      order.key(),
                      Base64.getEncoder().encodeToString(other))))
          .contains("is not what key");
    }
  }

  @Test
  void anOrderOfAnotherNodeIsWorthNothing() {
    assertThat(judged(order(), "gpu-08", BEFORE, SIGNER.key()))
        .isEqualTo("order: it is of node 'gpu-07', and this is 'gpu-08'");
  }

  /** With the allowance for clocks that differ. */
  @Test
  void anOldOrderIsWorthNothing() {
    Instant last = Instant.ofEpochSecond(NOT_AFTER).plus(OrderKeys.ALLOWANCE);
    assertThat(judged(order(), "gpu-07", last, SIGNER.key())).isEqualTo("good train-r3");
    assertThat(judged(order(), "gpu-07", last.plusSeconds(1), SIGNER.key()))
        .isEqualTo(
            "order: it was good until 2026-09-21T14:13:20Z, and this node's clock says"
                + " 2026-09-21T14:18:21Z; set the clock, or submit the job again");
  }

  /** Or an order that was signed for a year would be good for all of it. */
  @Test
  void anOrderThatIsGoodForTooLongIsWorthNothing() {
    Instant first =
        Instant.ofEpochSecond(NOT_AFTER).minus(OrderKeys.GOOD_FOR).minus(OrderKeys.ALLOWANCE);
    assertThat(judged(order(), "gpu-07", first, SIGNER.key())).isEqualTo("good train-r3");
    assertThat(judged(order(), "gpu-07", first.minusSeconds(1), SIGNER.key()))
        .isEqualTo(
            "order: it is good until 2026-09-21T14:13:20Z, and this node's clock says"
                + " 2026-09-21T10:08:19Z; allowed are 4 hours from its signing: set the clocks of"
                + " this node and of the collector");
  }

  /** Another's key, also one that says it is this one. */
  @Test
  void onlyPinnedKeysCount() {
    OrderSigner other = OrderSigner.create();
    StartOrder foreign = other.sign(assignment(), STORE, NOT_AFTER);
    assertThat(judged(foreign))
        .startsWith(
            "order: key %s is unknown here, known are [%s]"
                .formatted(other.key().id(), SIGNER.key().id()));
    assertThat(
            judged(new StartOrder(TEXT, STORE, NOT_AFTER, SIGNER.key().id(), foreign.signature())))
        .contains("is not what key");
  }

  /** The new key beside the old one, then the old one away. */
  @Test
  void aKeyTakesAnothersPlace() {
    OrderSigner next = OrderSigner.create();
    StartOrder old = order();
    StartOrder fresh = next.sign(assignment(), STORE, NOT_AFTER);
    OrderKey[] both = {SIGNER.key(), next.key()};
    assertThat(judged(old, "gpu-07", BEFORE, both)).isEqualTo("good train-r3");
    assertThat(judged(fresh, "gpu-07", BEFORE, both)).isEqualTo("good train-r3");
    assertThat(judged(old, "gpu-07", BEFORE, next.key())).contains("unknown here");
    assertThat(judged(fresh, "gpu-07", BEFORE, next.key())).isEqualTo("good train-r3");
  }

  @Test
  void aSignerIsAFileThatNobodyElseReads() throws IOException {
    OrderSigner made = OrderSigner.create();
    Path file = directory.resolve(OrderSigner.FILE);
    assertThat(OrderSigner.in(directory)).isEmpty();
    Files.createSymbolicLink(file, directory.resolve("not-mounted"));
    assertThatExceptionOfType(TlsException.class)
        .as("a key that cannot be reached is not the same as none")
        .isThrownBy(() -> OrderSigner.in(directory))
        .withMessageContaining("is not there");
    Files.delete(file);
    Files.writeString(file, made.text());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> OrderSigner.in(directory))
        .withMessageContaining("chmod 600");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    OrderSigner read = OrderSigner.in(directory).orElseThrow();
    assertThat(read.key()).isEqualTo(made.key());
    assertThat(judged(read.sign(assignment(), STORE, NOT_AFTER), "gpu-07", BEFORE, made.key()))
        .isEqualTo("good train-r3");
    assertThat(made).asString().doesNotContain("PRIVATE");
    assertThat(OrderKey.read("f", made.key().pem())).isEqualTo(made.key());
  }

  @Test
  void whatIsNoKeySaysSo() {
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> OrderKey.read("f.pub", "ssh-ed25519 AAAA"))
        .withMessage("f.pub holds 0 times -----BEGIN PUBLIC KEY-----, allowed is once");
    String p256 =
        "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> OrderKey.read("f.pub", pem("PUBLIC KEY", p256)))
        .withMessageStartingWith("f.pub holds a key that is no Ed25519 key; ");
    String mixed =
        pem("PRIVATE KEY", "302e020100300506032b657004220420" + SECRET)
            + OrderSigner.create().key().pem();
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> OrderSigner.read("f.pem", mixed))
        .withMessageStartingWith("f.pem holds two keys that do not belong together");
  }

  @Test
  void valuesOutOfBoundsAreRefused() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new StartOrder(TEXT, "a\nb", NOT_AFTER, "0123456789abcdef", "x"))
        .withMessageStartingWith("store: ");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new StartOrder(TEXT, STORE, 0, "0123456789abcdef", "x"))
        .withMessageStartingWith("not_after: ");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new StartOrder(TEXT, STORE, NOT_AFTER, "0123456789abcdef", "x"))
        .withMessageStartingWith("signature: ");
  }

  /** A line of its own for each value: none can be made to look like another. */
  @Test
  void noNameCanHoldALine() {
    Assignment plain = assignment();
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() ->
            new Assignment(
                new RunId("train", 3),
                "gpu-07\nstore x",
                new Term(1, 5, 1),
                1,
                plain.spec(),
                new DeviceSet(DeviceKind.GPU, List.of("GPU-1"))));
  }
}
