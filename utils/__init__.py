"""The course's shared module: what every chapter and lab needs, and no lesson itself.

Layer 0  runtime      profile, seeds, threads, device, cache folder; the only reader of environment variables
         units        bytes, counts and times, and how they are printed
         watchdog     a command under a wall-clock and memory limit
         hub          a model's or data set's files, from the hub or its cache
Layer 1  shapes       the shape of a transformer, and its number of parameters
         published    published shapes of named models, each with its source
         specs        the shape or the folder behind a name
         meta         models of a shape, untrained, and on the meta device to count without memory
         activations  what a forward pass keeps for the backward pass, in bytes
         data         dialogues and reviews by name: bundled, hub, folder
         corpora      two domains by name: texts and tasks
         knowledge    a knowledge base, questions about it, and BM25
         crawl        a messy crawl of web pages, generated
         devices      accelerators: peak rate and memory, each with its source
         keyed        a language whose entropy is known
         sweep        small decoders trained on it, and their table
         tiny         three small transformers, one per architecture
         cloze        gaps in a text, and how each of the three fills them
         models       tokenizer and model by name
         quantize     matrices in 8 or 4 bits
         torchrun     agents that start workers: commands, environment, end
         listing      code shown straight from the file that runs it
         plotting     one style for every figure
         diagrams     boxes and arrows in that style
         checks       exercise checks that answer in sentences
Layer 2  memory       what training and generating take, in bytes, on one rank
         peak         memory of real training steps, each in a process of its own
         domain       small decoders pre-trained on mixtures of domains
         prompts      zero-, one- and few-shot prompts and the token meter
         generation   one settings helper, batched generation
         metrics      ROUGE, exact match, bootstrap intervals
         shop         a shop's support dialogues, their house style, preference pairs
         tuning       training few weights on states read once; log-probabilities of texts
         scaling      loss by size and data: the law, its fit, the best split of a budget
         launch       one job as a torchrun command, a Slurm script, a SageMaker job
         service      a web service started from a notebook: address, log, end
         load         many requests at once, and what became of each
         distributed  workers started from a notebook: timeout, logs, answers
Layer 3  claims       what lectures claim about examples, as figures
         evaluate     scores of any model on any data set, by number of examples
         doctor       what is wrong with this environment, in plain words

A module imports only from lower layers, or from a module listed above it in its own.
Importing `utils` itself loads none of them.
"""
