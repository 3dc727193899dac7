package io.millwright.collector.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.acceptance.Device;
import io.millwright.collector.acceptance.Equipment;
import io.millwright.collector.drift.Difference.Against;
import io.millwright.collector.rest.DriftRoutes;
import io.millwright.collector.rest.RestServer;
import io.millwright.collector.rest.Tokens;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The signed set, its file, and what differs from it. */
class DriftTest {
  private static final String SET =
      "{\"schema_version\":1,\"name\":\"2026-11\",\"sets\":[{\"sku\":\"NVIDIA B200\",\"driver\":\"580.1\",\"firmware\":{\"vbios\":\"97.01\"}},{\"sku\":\"NVIDIA B200\",\"domain\":\"d7\",\"firmware\":{\"vbios\":\"97.02\"}}]}";

  private static final String VIEWER = "viewer-viewer-viewer-viewer-viewer-1";

  @TempDir private Path directory;
  private final KeyPair keys = DriftKeys.generate();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] signed(String set) {
    return DesiredText.sign(bytes(set), keys.getPrivate());
  }

  private static Equipment node(String driver, String... vbios) {
    TreeMap<String, Device> devices = new TreeMap<>();
    for (int i = 0; i < vbios.length; i++) {
      devices.put(
          "slot" + i,
          new Device(
              "nvidia",
              Integer.toString(i),
              "NVIDIA B200",
              "S" + i,
              "GPU-" + i,
              new TreeMap<>(vbios[i].isEmpty() ? Map.of() : Map.of("vbios", vbios[i]))));
    }
    return new Equipment(
        new TreeMap<>(),
        devices,
        new TreeMap<>(driver.isEmpty() ? Map.of() : Map.of("nvidia", driver)));
  }

  private static List<String> words(List<Difference> differences) {
    return differences.stream()
        .map(one ->
            "%s/%s %s %s->%s %s"
                .formatted(
                    one.node(),
                    one.index(),
                    one.component(),
                    one.actual(),
                    one.wanted().orElse("?"),
                    one.against().word()))
        .toList();
  }

  @Test
  void whatDiffersFromTheSignedSetIsNamed() {
    DesiredSet set = DesiredText.read(signed(SET), keys.getPublic());
    List<Difference> found =
        Drift.of(
            Map.of("n1", node("580.0", "97.01"), "n2", node("580.1", "97.01", "", "97.02")),
            node -> node.equals("n2") ? Optional.of("d7") : Optional.empty(),
            Optional.of(set));
    assertThat(words(found))
        .containsExactly("n1/0 driver 580.0->580.1 desired", "n2/0 vbios 97.01->97.02 desired");
  }

  @Test
  void withoutASetTheMajorityOfTheLikeIsTheMeasure() {
    List<Difference> found =
        Drift.of(
            Map.of(
                "n1", node("580.1", "97.01", "97.01"), "n2", node("580.1", "97.01", "97.02", "")),
            node -> Optional.empty(),
            Optional.empty());
    assertThat(words(found)).containsExactly("n2/1 vbios 97.02->97.01 fleet");
    assertThat(found.getFirst().having()).isEqualTo(3);
    assertThat(found.getFirst().compared()).isEqualTo(4);
  }

  @Test
  void whatHasNotChangedIsNotComparedAnew() {
    AtomicReference<SortedMap<String, Equipment>> nodes =
        new AtomicReference<>(
            new TreeMap<>(Map.of("n1", node("580.1", "97.01", "97.01", "97.02"))));
    AtomicReference<String> domain = new AtomicReference<>("d1");
    DriftDesk desk =
        new DriftDesk(
            Optional.empty(),
            nodes::get,
            node -> Optional.ofNullable(domain.get()),
            Clock.system());
    desk.look();
    List<Difference> first = desk.differences();
    assertThat(words(first))
        .containsExactly("n1/2 vbios 97.02->97.01 fleet", "n1/2 vbios 97.02->97.01 domain");
    desk.look();
    assertThat(desk.differences()).isSameAs(first);
    domain.set("d2");
    desk.look();
    assertThat(desk.differences().getFirst().domain()).contains("d2");
    nodes.set(new TreeMap<>());
    desk.look();
    assertThat(desk.differences()).as("of a node that is gone").isEmpty();
    assertThat(desk.compared()).isEmpty();
  }

  @Test
  void theListIsBoundedAndTheCountsAreWhole() throws IOException {
    SortedMap<String, Equipment> nodes = new TreeMap<>();
    for (int i = 0; i < 600; i++) {
      nodes.put("n%03d".formatted(i), node("", "v" + i, "w" + i));
    }
    DriftDesk desk =
        new DriftDesk(Optional.empty(), () -> nodes, node -> Optional.empty(), Clock.system());
    desk.look();
    assertThat(desk.differences()).hasSize(1200);
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann %s\n".formatted(VIEWER));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    RestServer server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new DriftRoutes(desk).routes(),
            Tokens.read(tokens),
            Set.of());
    server.start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      JsonNode all = read(http, server, "/v1/drift");
      assertThat(all.path("differences")).hasSize(1000);
      assertThat(all.path("more").asInt()).isEqualTo(200);
      JsonNode one = read(http, server, "/v1/drift?node=n599");
      assertThat(one.path("differences")).hasSize(2);
      assertThat(one.has("more")).isFalse();
    } finally {
      server.close();
    }
  }

  private static JsonNode read(HttpClient http, RestServer server, String path) throws IOException {
    try {
      return new ObjectMapper()
          .readTree(
              http.send(
                      HttpRequest.newBuilder(URI.create("http://" + server.address() + path))
                          .header("Authorization", "Bearer " + VIEWER)
                          .build(),
                      HttpResponse.BodyHandlers.ofString())
                  .body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Test
  void withoutAMajorityAllAreToldOf() {
    List<Difference> found =
        Drift.of(
            Map.of("n1", node("580.1", "97.01"), "n2", node("580.1", "97.02")),
            node -> Optional.of("d1"),
            Optional.empty());
    assertThat(words(found))
        .containsExactly(
            "n1/0 vbios 97.01->? fleet",
            "n1/0 vbios 97.01->? domain",
            "n2/0 vbios 97.02->? fleet",
            "n2/0 vbios 97.02->? domain");
    assertThat(found).extracting(Difference::against).contains(Against.DOMAIN);
  }

  @Test
  void theSignatureHoldsForAnotherLayoutAndForNothingElse() {
    byte[] signed = signed(SET);
    String text = new String(signed, StandardCharsets.UTF_8);
    byte[] spaced = bytes(text.replace("{", "{ \n").replace(":", " : "));
    assertThat(DesiredText.read(spaced, keys.getPublic()))
        .isEqualTo(DesiredText.read(signed, keys.getPublic()));
    for (byte[] wrong :
        List.of(
            bytes(text.replace("97.01", "97.09")),
            bytes(text.replaceFirst("\"signature\":\"..", "\"signature\":\"AA")),
            bytes(text.replaceFirst("\"signature\":\"[^\"]*\"", "\"signature\":\"!\"")))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DesiredText.read(wrong, keys.getPublic()))
          .withMessageStartingWith("signature: ");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DesiredText.read(signed, DriftKeys.generate().getPublic()))
        .withMessageStartingWith("signature: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DesiredText.read(bytes(SET), keys.getPublic()))
        .withMessage("signature: missing; allowed is a text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"name\"      | \"nmae\"      | nmae: no such field; did you mean 'name'?",
        "\"sku\"       | \"skus\"      | sets[0].skus: no such field; did you mean 'sku'?",
        "\"vbios\"     | \"VBIOS\"     | sets[0].firmware: 'VBIOS' is refused",
        "NVIDIA B200   | \\n            | sets[0].sku:",
        ",\"domain\":\"d7\" | ``         | sets[1].sku: 'NVIDIA B200' is refused; allowed is each SKU once",
        ":1,           | :2,           | schema_version: 2 is refused; allowed is 1",
        "\"580.1\"     | 580           | sets[0].driver: 580 is refused; allowed is a text",
      })
  void aSetWithAMistakeIsNotSigned(String from, String to, String sentence) {
    String wrong = SET.replace(from, to == null ? "" : to);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> signed(wrong))
        .withMessageStartingWith(sentence)
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines().count()).isEqualTo(1));
  }

  @Test
  void aChangedByteIsAlwaysOneSentence() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] signed = signed(SET);
    for (int i = 0; i < 300; i++) {
      byte[] changed = signed.clone();
      int at = random.nextInt(changed.length - 1);
      changed[at] ^= (byte) (1 + random.nextInt(255));
      assertThatIllegalArgumentException()
          .as("seed " + seed)
          .isThrownBy(() -> DesiredText.read(changed, keys.getPublic()));
    }
  }

  private static int run(String... words) {
    return new CommandLine(new DriftCommand()).execute(words);
  }

  @Test
  void aPublicKeyThatIsThereLeavesNoPrivateKeyBehind() throws IOException {
    Files.writeString(directory.resolve("drift.pub"), "mine");
    assertThat(run("key", "--out", directory.toString())).isEqualTo(78);
    assertThat(directory.resolve("drift.key")).doesNotExist();
    assertThat(directory.resolve("drift.pub")).hasContent("mine");
  }

  @Test
  void theVerbsMakeAKeySignAndCheckAndABadFileLeavesTheOldSetInForce() throws IOException {
    String out = directory.toString();
    assertThat(run("key", "--out", out)).isZero();
    assertThat(run("key", "--out", out)).as("never written over").isEqualTo(78);
    Path set = directory.resolve("set.json");
    Path signed = directory.resolve("signed.json");
    Files.writeString(set, SET);
    String own = directory.resolve("drift.key").toString();
    Path key = directory.resolve("drift.pub");
    assertThat(run("sign", "--key", own, "--out", signed.toString(), set.toString())).isZero();
    assertThat(run("check", "--key", key.toString(), signed.toString())).isZero();
    assertThat(run("check", "--key", key.toString(), set.toString())).isEqualTo(78);
    assertThat(run("check", "--key", own, signed.toString())).isEqualTo(78);

    DesiredFile file = DesiredFile.open(signed, key);
    assertThat(file.set().map(DesiredSet::name)).contains("2026-11");
    Files.writeString(signed, Files.readString(signed).replace("97.02", "97.0345"));
    file.look();
    assertThat(file.trouble().orElseThrow()).contains("signed.json: signature: it is not that");
    assertThat(file.set().map(DesiredSet::name)).as("the old one").contains("2026-11");
    assertThatIllegalArgumentException().isThrownBy(() -> DesiredFile.open(signed, key));
  }
}
