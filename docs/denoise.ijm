// Restores the open image, or all images of a folder, with denoisekit, and opens what it wrote.
program = "denoisekit"; // or its whole path, which a terminal tells: which denoisekit
given = split(getArgument(), "|"); // without a window: the network, the folder or "open"
if (given.length < 2) {
    Dialog.create("denoisekit");
    Dialog.addString("Folder of a network (or 'pretrained', a filter)", "pretrained", 50);
    Dialog.addString("Folder of images (or 'open', the open image)", "open", 50);
    Dialog.show();
    given = newArray(Dialog.getString(), Dialog.getString());
}
if (given[0] == "pretrained") how = "--filter"; else how = "--model";
folder = given[1];
if (folder == "open") { // with what was changed since it was read, under its own name
    folder = getDirectory("temp") + File.separator + "denoisekit-" + d2s(getTime(), 0);
    File.makeDirectory(folder);
    name = replace(getTitle(), "\\.[^.]*$", "");
    run("Duplicate...", "duplicate"); saveAs("Tiff", folder + File.separator + name); close();
}
results = folder + File.separator + "denoised";
exec(program, "denoise", folder, how, given[0], "--output", results);
if (!File.exists(results))
    exit("Nothing was restored. A terminal says why: " + program + " denoise '" + folder + "' " + how + " '" + given[0] + "'");
made = getFileList(results);
for (i = 0; i < minOf(made.length, 20); i++) if (endsWith(made[i], ".tif")) open(results + File.separator + made[i]);
files = getFileList(folder);
for (i = 0; i < files.length; i++) {
    restored = results + File.separator + replace(files[i], "\\.[^.]*$", "") + ".tif";
    if (!endsWith(files[i], "/") && !File.exists(restored) && !File.exists(results + File.separator + files[i])) print("Not restored: " + files[i]);
}
print(made.length + " in " + results);
