package dev.rekindle.orchestrator.cli;

import picocli.CommandLine.Command;

/** {@code rekindle store}: looks after the store that nodes share; see its verbs. */
@Command(
    name = "store",
    description = "Checks and collects the store of snapshots.",
    subcommands = {StoreCheckCommand.class, StoreCollectCommand.class},
    mixinStandardHelpOptions = true)
public final class StoreCommand {}
