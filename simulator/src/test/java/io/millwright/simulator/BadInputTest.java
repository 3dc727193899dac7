package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can get wrong: each mistake one sentence, the right exit code, nothing running. */
class BadInputTest {
  private static final int USAGE = 64;
  private static final int CONFIGURATION = 78;
  private static final String IDENTITY =
      Stream.of(
              "nvmlDeviceGetName",
              "nvmlDeviceGetUUID",
              "nvmlDeviceGetSerial",
              "nvmlDeviceGetBoardPartNumber",
              "nvmlDeviceGetVbiosVersion")
          .map(name -> text(name, "GPU-" + name.substring(13)))
          .collect(Collectors.joining());

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  private Path directory;

  /** What a process said before it ended. */
  private record Ended(int code, String out, String errors) {
    List<String> sentences() {
      return errors.lines().toList();
    }
  }

  private static Ended run(String... words) throws IOException, InterruptedException {
    try (AgentProcess agent = AgentProcess.start(words)) {
      int code = agent.exitCode();
      return new Ended(code, agent.output(), agent.errors());
    }
  }

  private Path file(String... lines) throws IOException {
    return Files.write(directory.resolve("agent.yaml"), List.of(lines));
  }

  @Test
  void anUnknownKeyIsNamedWithItsPlaceAndTheNearestKey() throws Exception {
    Path file = file("nvidia:", "  call_dedline: 2s");
    Ended ended = run("agent", "run", "--config", file.toString());
    assertThat(ended.code()).isEqualTo(CONFIGURATION);
    assertThat(ended.sentences()).hasSize(2);
    assertThat(ended.sentences().getFirst())
        .startsWith(file + ":2:3")
        .contains("nvidia.call_dedline is not a key; did you mean call_deadline?");
    assertThat(ended.sentences().getLast()).isEqualTo("1 problem");
  }

  /** The file that corrects names of a drop-in page, by the check and by the start alike. */
  @Test
  void mistakesInTheFileOfCorrectedNamesAreTold() throws Exception {
    Path names = directory.resolve("names");
    Path file = file("page:", "  dialects: [dcgm49]", "  dcgm49_names: " + names);
    String missing =
        "page.dcgm49_names: " + names + ": there is no such file; write it, or name another";
    for (String verb : List.of("agent run", "agent config check")) {
      List<String> words = new ArrayList<>(List.of(verb.split(" ", -1)));
      words.addAll(List.of("--config", file.toString()));
      Files.deleteIfExists(names);
      Ended absent = run(words.toArray(String[]::new));
      assertThat(absent.code()).as(verb).isEqualTo(CONFIGURATION);
      assertThat(absent.sentences()).as(verb).containsExactly(missing);
      Files.writeString(names, "DCGM_FI_DEV_FB_USD X\nDCGM_FI_DEV_FB_USED\n");
      Ended wrong = run(words.toArray(String[]::new));
      assertThat(wrong.code()).as(verb).isEqualTo(CONFIGURATION);
      assertThat(wrong.sentences()).as(verb).hasSize(2);
      assertThat(wrong.sentences().getFirst())
          .startsWith("page.dcgm49_names: " + names + " line 1: \"DCGM_FI_DEV_FB_USD\"")
          .contains("perhaps DCGM_FI_DEV_FB_USED");
      assertThat(wrong.sentences().getLast())
          .contains(" line 2: ", "allowed is a classic name and its name in 4.9");
    }
    Files.writeString(names, "# ours\nDCGM_FI_DEV_FB_USED DCGM_FI_DEV_FB_USED_BYTES\n");
    assertThat(run("agent", "config", "check", "--config", file.toString()).code()).isZero();
  }

  @Test
  void allMistakesOfAFileAreToldAtOnce() throws Exception {
    Path file =
        file(
            "listen: nowhere",
            "sampling:",
            "  fast: soon",
            "nvidia:",
            "  expected_accelerators: -3",
            "  libary: x");
    Ended ended = run("up", "--for", "1s", "--config", file.toString());
    assertThat(ended.code()).isEqualTo(CONFIGURATION);
    assertThat(ended.sentences()).hasSize(5).last().isEqualTo("4 problems");
    assertThat(ended.sentences().get(0)).startsWith(file + ":1:").contains("listen", "nowhere");
    assertThat(ended.sentences().get(1)).startsWith(file + ":3:").contains("sampling.fast", "soon");
    assertThat(ended.sentences().get(2)).startsWith(file + ":5:").contains("-3");
    assertThat(ended.sentences().get(3))
        .startsWith(file + ":6:")
        .contains("nvidia.libary is not a key; did you mean library?");
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void configCheckIsOfTheSameOpinion() throws Exception {
    Path file = file("nvidia:", "  call_deadline: 2s");
    Ended good = run("agent", "config", "check", "--config", file.toString());
    assertThat(good.code()).isZero();
    assertThat(good.out()).isEqualTo("configuration is good\n");
    assertThat(good.errors()).isEmpty();

    file("nvidia:", "  call_deadline: 2 parsecs");
    Ended bad = run("agent", "config", "check", "--config", file.toString());
    assertThat(bad.code()).isEqualTo(CONFIGURATION);
    assertThat(bad.errors()).contains(file + ":2:", "nvidia.call_deadline", "2 parsecs");
    assertThat(bad.out()).isEmpty();
  }

  @Test
  void aConfigurationThatIsNotThereIsSaid() throws Exception {
    Path nowhere = directory.resolve("nowhere.yaml");
    Ended ended = run("agent", "run", "--config", nowhere.toString());
    assertThat(ended.code()).isEqualTo(CONFIGURATION);
    assertThat(ended.errors()).contains(nowhere.toString());
    assertThat(ended.errors()).doesNotContain("Exception");
  }

  @Test
  void aPortInUseIsSaidAndNothingIsLeftRunning() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended ended = run("up", "--listen", "127.0.0.1:" + taken.getLocalPort());
      assertThat(ended.code()).isEqualTo(CONFIGURATION);
      assertThat(ended.sentences()).hasSize(1);
      assertThat(ended.errors())
          .startsWith("listen: listening on 127.0.0.1:" + taken.getLocalPort() + " failed")
          .contains("another process has the port", "ss -ltnp");
      assertThat(ended.out()).isEmpty();
    }
  }

  @Test
  void anUnknownVerbIsAnsweredWithTheNearest() throws Exception {
    Ended ended = run("agnet", "run");
    assertThat(ended.code()).isEqualTo(USAGE);
    assertThat(ended.errors()).contains("agnet", "agent");
    assertThat(ended.errors()).doesNotContain("Exception");
  }

  @Test
  void anUnknownOptionIsAnsweredWithTheNearest() throws Exception {
    Ended ended = run("up", "--lisen", "127.0.0.1:0");
    assertThat(ended.code()).isEqualTo(USAGE);
    assertThat(ended.errors()).contains("--lisen", "--listen");
  }

  @Test
  void aDurationThatIsNoneIsAnsweredWithTheForm() throws Exception {
    Ended ended = run("up", "--for", "soon");
    assertThat(ended.code()).isEqualTo(USAGE);
    assertThat(ended.errors()).contains("--for", "'soon' is no duration", "20s");
  }

  // ---- simulated nodes

  private static Ended simulator(String... words) throws IOException, InterruptedException {
    try (AgentProcess process = AgentProcess.simulator(words)) {
      int code = process.exitCode();
      return new Ended(code, process.output(), process.errors());
    }
  }

  @Test
  void aNodeNameThatIsNoneIsRefused() throws Exception {
    for (String[] words :
        new String[][] {
          {"up", "--simulate", "b200", "--node", "../x"}, {"simulate", "fault", "../x", "3", "hang"}
        }) {
      Ended ended = simulator(words);
      assertThat(ended.code()).isEqualTo(USAGE);
      assertThat(ended.sentences()).hasSize(1);
      assertThat(ended.errors()).contains("'../x'", "1 to 32 letters");
      assertThat(ended.out()).isEmpty();
    }
  }

  @Test
  void aNodeIsSimulatedByOneProcess() throws Exception {
    String[] words = {"up", "--simulate", "b200", "--listen", "127.0.0.1:0"};
    try (AgentProcess first = AgentProcess.simulator(words)) {
      first.greeted();
      try (AgentProcess second = first.besides(words)) {
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.errors())
            .isEqualTo(
                "node node1 cannot be simulated: another process simulates it: end that, or give"
                    + " another --node\n");
      }
      assertThat(first.scrape().up(8)).isTrue();
    }
  }

  // ---- the library

  private static Ended withLibrary(Path library) throws IOException, InterruptedException {
    return run(
        "up", "--for", "1s", "--listen", "127.0.0.1:0", "--set", "nvidia.library=" + library);
  }

  private static void refused(Ended ended, Path library, String... parts) {
    assertThat(ended.code()).isEqualTo(CONFIGURATION);
    assertThat(ended.sentences()).hasSize(1);
    assertThat(ended.errors())
        .startsWith("nvidia.library: " + library)
        .contains("set nvidia.library to")
        .contains(parts);
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void aLibraryThatIsNotThereIsSaid() throws Exception {
    Path library = directory.resolve("libnvidia-ml.so.1");
    refused(withLibrary(library), library, "was not found");
  }

  @Test
  void aTextFileIsNoLibrary() throws Exception {
    Path library = Files.writeString(directory.resolve("libnvidia-ml.so.1"), "not a library\n");
    refused(withLibrary(library), library, "no library this machine can load");
  }

  @Test
  void anotherLibraryIsNotNvml() throws Exception {
    Path library =
        Stream.of("/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib")
            .map(folder -> Path.of(folder, "libm.so.6"))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow();
    refused(withLibrary(library), library, "is not NVML", "nvmlDeviceGetCount_v2");
  }

  @Test
  void aLibraryWithHalfALifeCycleIsTooOld() throws Exception {
    Path library = compiled("int nvmlInit_v2(void) { return 0; }\n");
    refused(withLibrary(library), library, "is older than driver 450", "nvmlDeviceGetCount_v2");
  }

  @Test
  void aLibraryWithTheBareMinimumIsReadForWhatItHas() throws Exception {
    Path library =
        compiled(
            "#include <string.h>\n"
                + "int nvmlInit_v2(void) { return 0; }\n"
                + "int nvmlShutdown(void) { return 0; }\n"
                + text("nvmlSystemGetDriverVersion", "450.80.02").replace("void *d, ", "")
                + "int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }\n"
                + "int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d)"
                + " { *d = (void *)(i + 1UL); return 0; }\n"
                + "int nvmlDeviceGetHandleByUUID(const char *u, void **d)"
                + " { *d = (void *)(strlen(u) == strlen(\"GPU-UUID\") ? 1UL : 2UL); return 0; }\n"
                + "int nvmlDeviceGetIndex(void *d, unsigned *i)"
                + " { *i = (unsigned)(unsigned long)d - 1; return 0; }\n"
                + "int nvmlDeviceGetMinorNumber(void *d, unsigned *m)"
                + " { (void)d; (void)m; return 3; }\n"
                + "int nvmlDeviceGetPciInfo_v3(void *d, void *p) { (void)d; (void)p; return 3; }\n"
                + "int nvmlDeviceGetArchitecture(void *d, unsigned *a)"
                + " { (void)d; *a = 8; return 0; }\n"
                + IDENTITY);
    try (AgentProcess agent =
        AgentProcess.start("up", "--listen", "127.0.0.1:0", "--set", "nvidia.library=" + library)) {
      LivePage page =
          agent.awaitPage(seen -> seen.values("millwright_accelerator_info").size() == 2);
      assertThat(page.values("millwright_accelerator_info", "driver_version=\"450.80.02\""))
          .hasSize(2);
      assertThat(page.values("millwright_accelerator_info", "architecture=\"ada\"")).hasSize(2);
      assertThat(page.text())
          .doesNotContain(
              "\nmillwright_accelerator_power_watts", "\nmillwright_accelerator_memory");
      assertThat(agent.errors()).contains("families of functions that this NVML lacks are absent");
      assertThat(agent.errors()).doesNotContain("Exception");
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
  }

  /** A C function that writes a text; the second device's ends in a 1. */
  private static String text(String name, String value) {
    String second = name.startsWith("nvmlDevice") ? " if (d == (void *)2) strcat(s, \"1\");" : "";
    return "int %s(void *d, char *s, unsigned n) { (void)n; strcpy(s, \"%s\");%s return 0; }\n"
        .formatted(name, value, second);
  }

  private Path compiled(String source) throws IOException, InterruptedException {
    Path code = Files.writeString(directory.resolve("stub.c"), source);
    Path library = directory.resolve("libstub.so");
    Process gcc;
    try {
      gcc =
          new ProcessBuilder("gcc", "-shared", "-fPIC", "-o", library.toString(), code.toString())
              .inheritIO()
              .start();
    } catch (IOException absent) {
      assumeTrue(false, "gcc is not here");
      throw absent;
    }
    assertThat(gcc.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(gcc.exitValue()).isZero();
    return library;
  }
}
