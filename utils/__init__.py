"""The course's shared module: what every chapter and lab needs, and no lesson itself.

errors       the course's one error type, and the checks of arguments that raise it
runtime      profile, seeds, threads, device, folders; the only reader of environment variables
units        bytes, counts and times, and how they are printed
checks       exercise checks that answer in sentences
plotting     one style for every figure: curves, boxes and arrows
bundled      the bundled files, each checked against the manifest before it is read
hub          the folder behind a model's or data set's name: bundled, here, or from the hub and its cache
prompts      zero-, one- and few-shot prompts and the token meter
generation   settings of which each has an effect, and batched generation
metrics      ROUGE, exact match, bootstrap intervals
scoring      completions of prompts compared with references
evaluate     scores of any model on any data set, by number of examples
icl_claims   what lectures claim about in-context learning, as figures
summary_checks  what a summary gets right, checked by program
summary_claims  the same as figures: facts, words out of nowhere, house styles kept, natural dialogues
listing      code shown straight from the file that runs it
doctor       what is wrong with this environment, in plain words
data/        data sets by name; generated domains, crawl, shop, knowledge base, language of known entropy
models/      models by name; shapes and published counts, quantization, small transformers
training/    fine-tuning, domain pre-training, the runs of the scaling law
costs/       memory by formula and measured, scaling laws, accelerators
systems/     workers, jobs, services, limits, load

Importing `utils` itself loads none of them.
"""
